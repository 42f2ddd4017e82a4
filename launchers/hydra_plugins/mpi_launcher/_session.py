"""The processes of a session, read from /proc."""

import dataclasses
import os
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class Member:
    """A living process of a session.

    Attributes:
      pid: its number.
      parent: that of its parent.
      stopped: whether a signal has suspended it.
    """

    pid: int
    parent: int
    stopped: bool


def members(session: int) -> list[Member]:
    """Living processes of a session, zombies left out."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", "rb") as file:
                state, parent, _, of, *_ = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        if int(of) == session and state not in (b"Z", b"X"):
            found.append(Member(int(entry), int(parent), state == b"T"))
    return found


def session_members(session: int) -> list[int]:
    """Numbers of `members`."""
    return [member.pid for member in members(session)]


def is_suspended(session: Sequence[Member], mpirun: int) -> bool:
    """Whether a job is suspended: its mpirun is, or every rank.

    One rank that is stopped while others run is not a suspension: it hangs.
    """
    ranks = [member.stopped for member in session if member.parent == mpirun]
    return (bool(ranks) and all(ranks)) or any(member.stopped for member in session if member.pid == mpirun)
