"""Datasets: reading and checking scans, drawing synthetic ones, and input pipelines. Imports nothing of this project
above it.

`datasets` and `page_datasets` lead from the config to what the two tasks train on. Below them: `fetching`, `labels`,
`pages`, `signatures` and `drawn_pages`; below those, the modules of this folder that all share.

Modules that worker processes import (everything but `*_pipeline`) stay free of TensorFlow.
"""
