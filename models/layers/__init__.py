"""Layers of this project, and networks without them for export. Its modules import TensorFlow."""
