"""The end of a rank: how it is asked to end, and when it is killed."""

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

from hydra_plugins.mpi_launcher._parent_death import ASK, ask_when_parent_dies

_STEP_SECONDS = 0.5


class Ending:
    """How this rank is asked to end: by SIGUSR1, which mpirun forwards, or by the end of mpirun itself.

    Either becomes a SIGTERM, as programs expect it, and after the grace a SIGKILL. mpirun's own way of ending ranks is
    not used: Open MPI 5 leaves them no time, and both versions end all ranks when the first one ends with an error.

    Args:
      grace_seconds: between asking and killing; time in which this process is suspended does not count.
      note: file for the reason of the request.
    """

    def __init__(self, grace_seconds: float, note: Path) -> None:
        self.asked = False
        self._note = note
        self._grace = grace_seconds
        self._parent = os.getppid()
        ask_when_parent_dies()
        signal.pthread_sigmask(signal.SIG_BLOCK, {ASK})  # threads inherit it: the one below alone takes it
        threading.Thread(target=self._watch, daemon=True, name="mpi-launcher-ending").start()

    def _watch(self) -> None:
        why = wait_until_asked(self._parent)
        self.asked = True
        with contextlib.suppress(OSError):  # the folder may be gone too
            self._note.write_text(why + "\n")
        os.kill(os.getpid(), signal.SIGTERM)
        sleep_at_work(self._grace)
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)  # with what it has started
        os.kill(os.getpid(), signal.SIGKILL)


def wait_until_asked(parent: int) -> str:
    """Waits for `ASK`, or for another parent than `parent`; returns which of them came, as text."""
    while os.getppid() == parent:
        seen = signal.sigtimedwait({ASK}, 1.0)
        # A wait that is interrupted after its time, as by SIGSTOP and SIGCONT, returns a siginfo of random content.
        if seen is not None and seen.si_signo == ASK and seen.si_pid >= 0:
            return f"process {seen.si_pid} asked it to end"
    return f"mpirun, process {parent}, was gone"


def sleep_at_work(seconds: float) -> None:
    """Sleeps; time in which this process is suspended counts for no more than one step."""
    for _ in range(int(seconds / _STEP_SECONDS)):
        time.sleep(_STEP_SECONDS)
    time.sleep(seconds % _STEP_SECONDS)
