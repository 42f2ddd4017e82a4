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
_RANK = re.compile(r"^rank \d+ of \d+$")


def headline(text: str) -> str:
    """What an error says in one line.

    Of a traceback: the first line of the last exception, without the module of its class. Of what has none: its first
    line, the number of a rank left out.
    """
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if headers := [line for line in lines if _HEADER.match(line)]:
        return _HEADER.sub("", headers[-1])
    return next((line for line in lines if not _RANK.match(line)), "")
