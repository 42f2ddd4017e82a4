"""Reads labels, checks them, splits their pages by document and writes TFRecord shards with SignverOD's keys.

The reader of a format (`label_formats`) returns a `LabelSet`. `page_building` turns it into `labelled_pages`, and
`labelled_shards` turns those into shards. `signverod_tables` returns `labelled_pages` directly.
"""
