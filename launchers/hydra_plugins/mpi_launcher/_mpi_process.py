"""One running mpirun: its output, its end, and that nothing of it is left behind."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from hydra_plugins.mpi_launcher._worker import ASK, PR_SET_PDEATHSIG

_LIBC = ctypes.CDLL(None, use_errno=True)


ALONE_SECONDS = 3.0
"""How long mpirun may outlive its ranks. Open MPI 5 can lock itself up when one dies while another one connects."""

_LOOK_SECONDS = 0.5


class MpiProcess:
    """An mpirun in a session of its own, to which all its local ranks belong and by which they are found.

    Args:
      command: the words.
      environment: of mpirun.
      log: file that gets everything it prints.
      echo: whether this process prints it too.
      grace_seconds: between asking to end and killing.
      session_folder: where mpirun keeps its files; removed at its end.
      local: whether all ranks run on this machine.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        echo: bool,
        grace_seconds: float,
        session_folder: Path,
        local: bool = True,
    ) -> None:
        self._local, self._session_folder = local, session_folder
        self._next_look = 0.0
        self._had_ranks = self._left_behind = False
        self._alone_since: float | None = None
        self._grace = grace_seconds
        self._kill_at: float | None = None
        self.last_line = ""
        self._heard = time.monotonic()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
            preexec_fn=_die_with_launcher,
        )
        self._reader = threading.Thread(target=self._read, args=(log, echo), daemon=True, name="mpirun-output")
        self._reader.start()

    @property
    def pid(self) -> int:
        """Of mpirun, and of its session."""
        return self._process.pid

    def silent_seconds(self) -> float:
        """Since the last output of any rank, or the start."""
        return time.monotonic() - self._heard

    def ended(self) -> int | None:
        """The exit code once mpirun and every process of its session are gone, else None. Kills what overstays.

        It is 0 for an mpirun that has not noticed the end of its ranks: what they have left tells how they ended.
        """
        code = self._process.poll()
        now = time.monotonic()
        if self._kill_at is not None and now >= self._kill_at:
            self.kill()
        if code is None:
            if self._outlives_ranks(now):
                self._left_behind = True
                self.kill()
            return None
        if session_members(self.pid):  # mpirun was killed and ranks live on; they have been told by the kernel
            if self._kill_at is None:
                self._kill_at = now + self._grace
            return None
        self._reader.join(timeout=5)
        shutil.rmtree(self._session_folder, ignore_errors=True)
        return 0 if self._left_behind else code

    def _outlives_ranks(self, now: float) -> bool:
        if not self._local or self._left_behind or now < self._next_look:
            return False
        self._next_look = now + _LOOK_SECONDS
        if [pid for pid in session_members(self.pid) if pid != self.pid]:
            self._had_ranks, self._alone_since = True, None
        elif self._had_ranks and self._alone_since is None:
            self._alone_since = now
        return self._alone_since is not None and now - self._alone_since >= ALONE_SECONDS

    def ask_to_end(self) -> None:
        """Lets mpirun ask the ranks to end (`_worker.Ending`); what is left after the grace is killed."""
        if self._kill_at is None:
            self._kill_at = time.monotonic() + self._grace + 5  # ranks kill themselves before that
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, ASK)

    def kill(self) -> None:
        """SIGKILL to every process of the session."""
        self._kill_at = time.monotonic() + 1  # again, should one have been born in between
        for pid in session_members(self.pid):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)

    def _read(self, log: Path, echo: bool) -> None:
        out = self._process.stdout
        assert out is not None
        with open(log, "ab") as file:
            while data := os.read(out.fileno(), 65536):
                self._heard = time.monotonic()
                file.write(data)
                file.flush()
                if echo:
                    sys.stdout.write(data.decode(errors="replace"))
                    sys.stdout.flush()
                lines = data.decode(errors="replace").replace("\r", "\n").split("\n")
                self.last_line = next((line.strip() for line in reversed(lines) if line.strip()), self.last_line)


def session_members(session: int) -> list[int]:
    """Living processes of a session, zombies left out."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] not in "ZX":
            found.append(int(entry))
    return found


def _die_with_launcher() -> None:
    """In the child: the kernel lets mpirun ask its ranks to end when the launcher is gone, even by SIGKILL."""
    _LIBC.prctl(PR_SET_PDEATHSIG, ASK, 0, 0, 0)
