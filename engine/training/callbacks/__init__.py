"""The callbacks of a training, one a file."""
