"""Errors of a launch; the message of each is one line for a user."""

import re

from hydra.errors import CompactHydraException


class LaunchError(CompactHydraException):
    """The launch cannot be done as asked: what, where, what to do. Hydra prints it without a traceback."""


class JobFailed(RuntimeError):
    """A job ended without a result; the message holds its traceback as text, if it had one."""


class JobEnded(CompactHydraException):
    """A job's ranks ended, or never began, without an exception of their own; the message is one line for a user."""


class JobCancelled(RuntimeError):
    """A job was not run, or not to its end, because the sweep was stopped."""


_HEADER = re.compile(r"^(?:\w+\.)*(?=[A-Z]\w*(?:: |$))")
_ERROR = re.compile(r"^(?:\w+\.)*[A-Z]\w*(?:Error|Exception)(?:: |$)")
_RANK = re.compile(r"^rank \d+ of \d+$")
_BEGIN = re.compile(r"(Traceback\b|  \+ Exception Group Traceback\b)")
_MAY_FOLLOW = re.compile(r"ended with exit code \d+$")
"""First lines that explain less than the traceback below them."""


def headline(text: str) -> str:
    """The message of an error in one line.

    Of a traceback: the first line of the last exception, without the module of its class. Of what has none: its first
    line, the number of a rank left out.
    """
    lines = [line.rstrip() for line in text.splitlines() if line.strip() and not _RANK.match(line.strip())]
    if not lines:
        return ""
    if _BEGIN.match(lines[0]) or _MAY_FOLLOW.match(lines[0].strip()):
        begins = [number for number, line in enumerate(lines) if _BEGIN.match(line)]
        for begin in reversed(begins):
            if header := _exception(lines[begin:]):
                return _HEADER.sub("", header)
    return _HEADER.sub("", lines[0].strip())


def _exception(traceback: list[str]) -> str:
    """The line after the frames, which are indented; those of a group of exceptions have a bar too.

    A later line counts only if it names an error: messages have lines such as `Hint: ...`.
    """
    bar = "  | " if traceback[0].startswith("  +") else ""
    unindented = [line for line in (line.removeprefix(bar) for line in traceback[1:]) if not line.startswith(" ")]
    later = [line for line in unindented[1:] if _ERROR.match(line)]
    return [*unindented[:1], *later][-1] if unindented else ""
