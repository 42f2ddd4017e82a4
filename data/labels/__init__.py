"""Other people's labels read, checked, split by document and written as TFRecord shards in SignverOD's form.

A reader of a format (`label_formats`) makes a `LabelSet` of what labels say. `page_building` makes `labelled_pages` of
it, and `labelled_shards` makes shards of those. `signverod_tables` makes `labelled_pages` at once.
"""
