"""Datasets: reading and checking scans, drawing synthetic ones, and input pipelines. Imports nothing of this project
above it.

Modules that worker processes import (everything but `*_pipeline`) stay free of TensorFlow.
"""
