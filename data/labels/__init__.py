"""Other people's labels read, checked, split by document and written as TFRecord shards in SignverOD's form.

A reader (`coco_labels`, `yolo_labels`, `signverod_tables`) makes `labelled_pages`; `labelled_shards` makes shards of
them.
"""
