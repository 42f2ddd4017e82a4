"""What goes wrong in a launch, as exceptions whose message is one line for a user."""

import re

from hydra.errors import CompactHydraException


class LaunchError(CompactHydraException):
    """The launch cannot be done as asked: what, where, what to do. Hydra prints it without a traceback."""


class JobFailed(RuntimeError):
    """A job ended without a result; the message holds its traceback as text, if it had one."""


class JobCancelled(RuntimeError):
    """A job was not run, or not to its end, because the sweep was stopped."""


_HEADER = re.compile(r"^(?:\w+\.)*(?=[A-Z]\w*(?:: |$))")


def last_line(text: str) -> str:
    """Of a traceback: the first line of the last exception, without the module of its class; else the last line."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    headers = [line for line in lines if _HEADER.match(line)]
    return _HEADER.sub("", (headers or lines)[-1].strip()) if lines else ""
