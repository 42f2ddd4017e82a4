"""One running mpirun: its output, its end, and the removal of everything that it leaves behind."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from hydra_plugins.mpi_launcher._parent_death import ASK, ask_when_parent_dies
from hydra_plugins.mpi_launcher._session import is_suspended, Member, members, session_members
from hydra_plugins.mpi_launcher._stopwatch import Stopwatch

ALONE_SECONDS = 3.0
"""How long mpirun may outlive its ranks. Open MPI 5 can lock itself up when one dies while another one connects."""

LEFT_SECONDS = 2.0
"""Between SIGTERM and SIGKILL to what ranks have left behind."""

_LOOK_SECONDS = 0.5


class MpiProcess:
    """An mpirun in a session of its own, to which all its local ranks belong and by which they are found.

    Args:
      command: of mpirun, with its arguments.
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
        self._had_ranks = self._left_behind = self._suspended = False
        self._alone_since: float | None = None
        self._ranks_ended: float | None = None
        self._grace = grace_seconds
        self._kill_at: float | None = None
        self.last_line = ""
        self._awake, self._at_work = Stopwatch(), Stopwatch()
        self._heard = 0.0
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
            preexec_fn=ask_when_parent_dies,
        )
        self._reader = threading.Thread(target=self._read, args=(log, echo), daemon=True, name="mpirun-output")
        self._reader.start()

    @property
    def pid(self) -> int:
        """Of mpirun, and of its session."""
        return self._process.pid

    def worked_seconds(self) -> float:
        """Since the start, without the time in which the job or this process was suspended."""
        return self._at_work.seconds

    def silent_seconds(self) -> float:
        """Of `worked_seconds`, those since the last output of any rank, or the start."""
        return self._at_work.seconds - self._heard

    def ended(self) -> int | None:
        """The exit code once mpirun and its whole session have ended, else None. Kills processes that run too long.

        It is 0 for an mpirun that has not noticed the end of its ranks: their files show how they ended.
        """
        code = self._process.poll()
        now = self._awake.tick()
        self._at_work.tick(counts=not self._suspended)
        if self._kill_at is not None and now >= self._kill_at:
            self.kill()
        if code is None:
            if not self._left_behind and now >= self._next_look:
                self._next_look = now + (
                    _LOOK_SECONDS if self._had_ranks else 0
                )  # ranks may be there for a moment only
                session = members(self.pid)
                self._suspended = is_suspended(session, self.pid)
                if self._local and not self._suspended:
                    self._look(session, now)
            return None
        if session_members(self.pid):  # mpirun was killed and ranks live on; the kernel has asked them to end
            if self._kill_at is None:
                self._kill_at = now + self._grace
            return None
        self._reader.join(timeout=5)
        shutil.rmtree(self._session_folder, ignore_errors=True)
        return 0 if self._left_behind else code

    def _look(self, session: Sequence[Member], now: float) -> None:
        """Ends what has outlived the ranks: mpirun, or what they have started and left."""
        others = [member for member in session if member.pid != self.pid]
        if any(member.parent == self.pid for member in others):
            self._had_ranks, self._alone_since, self._ranks_ended = True, None, None
            return
        self._had_ranks = self._had_ranks or bool(others)  # orphans are a rank's
        if not self._had_ranks:
            return
        if self._ranks_ended is None:
            self._ranks_ended = now
        if not others:
            self._alone_since = now if self._alone_since is None else self._alone_since
            if now - self._alone_since >= ALONE_SECONDS:
                self._left_behind = True
                self.kill()
        elif now - self._ranks_ended >= self._grace:  # mpirun waits for what ranks have started and left
            number = signal.SIGTERM if now - self._ranks_ended < self._grace + LEFT_SECONDS else signal.SIGKILL
            _send(number, [member.pid for member in others])

    def ask_to_end(self) -> None:
        """Lets mpirun ask the ranks to end (`_ending.Ending`); what is left after the grace is killed.

        A job that is suspended is woken: it could not write its checkpoint.
        """
        if self._kill_at is None:
            self._kill_at = self._awake.seconds + self._grace + 5  # ranks kill themselves before that
            _send(ASK, [self.pid])
            if self._suspended:
                _send(signal.SIGCONT, session_members(self.pid))

    def kill(self) -> None:
        """SIGKILL to every process of the session."""
        self._kill_at = self._awake.seconds + 1  # again, should one have been born in between
        _send(signal.SIGKILL, session_members(self.pid))

    def _read(self, log: Path, echo: bool) -> None:
        out = self._process.stdout
        assert out is not None
        with open(log, "ab") as file:
            while data := os.read(out.fileno(), 65536):
                self._heard = self._at_work.seconds
                with contextlib.suppress(OSError):  # a full disk does not end the job
                    file.write(data)
                    file.flush()
                if echo:
                    _echo(data)
                lines = data.decode(errors="replace").replace("\r", "\n").split("\n")
                self.last_line = next((line.strip() for line in reversed(lines) if line.strip()), self.last_line)


def _echo(data: bytes) -> None:
    with contextlib.suppress(OSError, AttributeError):  # the reader is gone, or there never was one
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(data.decode(errors="replace").encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()


def _send(number: int, pids: Sequence[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
