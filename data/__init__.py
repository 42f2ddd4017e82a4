"""Datasets: reading and checking scans, drawing synthetic ones, and input pipelines. Imports no other package of the
project.

`datasets` has a module for each option of `dataset=`. It imports the other subpackages, which `docs/structure.md`
lists. All of them use the modules directly in this folder.

Modules that worker processes import (everything but `*_pipeline`) stay free of TensorFlow.
"""
