"""Layers of this project, and networks without them for export. All of it imports TensorFlow."""
