"""The signal that asks a job to end, sent also by the kernel when the process that started it is gone."""

import ctypes
import signal

ASK = signal.SIGUSR1
"""Asks mpirun to ask its ranks to end, and each of these to end."""

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def ask_when_parent_dies() -> None:
    """Lets the kernel send `ASK` to this process when its parent ends, even by SIGKILL."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, ASK, 0, 0, 0)
