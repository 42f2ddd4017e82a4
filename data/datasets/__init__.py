"""The options of `dataset=`: each module declares the keys of an option with their limits, and loads its data.

Datasets of the cleaner are subclasses of `cleaner_dataset.CleanerDataset`, and those that consist of signatures of
`signature_dataset.SignatureDataset`. Datasets of the detector are subclasses of `page_dataset.PageDataset`.
`docs/extending.md` shows how to add a dataset. Nothing here imports TensorFlow.
"""
