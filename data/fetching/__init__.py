"""Obtains datasets and files: from a folder, a zip file, Kaggle or an address."""
