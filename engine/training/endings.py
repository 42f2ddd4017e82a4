"""Why a training ends before its last step. This module is free of TensorFlow, so that any caller can know them."""


class Interrupted(Exception):
    """SIGTERM or Ctrl-C arrived; the message is the signal's name."""


class Diverged(Exception):
    """The training loss is no longer a number; the message is the step."""
