"""Decides which part of a split each page is in: documents, splits of the user, splits of the project."""
