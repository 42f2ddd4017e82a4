"""Exceptions that end a training before its last step. This module does not import TensorFlow."""


class Interrupted(Exception):
    """SIGTERM or Ctrl-C arrived; the message is the signal's name."""


class Diverged(Exception):
    """The training loss is no longer a number; the message is the step."""
