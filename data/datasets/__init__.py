"""What `dataset=` chooses: a module for each option, with its keys and limits and what it loads.

A dataset of the cleaner is a `cleaner_dataset.CleanerDataset`, of signatures a `signature_dataset.SignatureDataset`;
one of the detector is a `page_dataset.PageDataset`. `docs/extending.md` adds one of each. Nothing here imports
TensorFlow.
"""
