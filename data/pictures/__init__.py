"""Reads pictures: the files of a folder, any image format as grey on white, the pages of documents."""
