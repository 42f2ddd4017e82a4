"""What goes wrong in a launch, as exceptions whose message is one line for a user."""

from hydra.errors import CompactHydraException


class LaunchError(CompactHydraException):
    """The launch cannot be done as asked: what, where, what to do. Hydra prints it without a traceback."""


class JobFailed(RuntimeError):
    """A job ended without a result; the message holds its traceback as text, if it had one."""


class JobCancelled(RuntimeError):
    """A job was not run, or not to its end, because the sweep was stopped."""
