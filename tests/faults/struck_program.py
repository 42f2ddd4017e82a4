"""train.py as a process that faults strike."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

from programs import REPOSITORY, users_environment

GRACE_SECONDS = 60
"""`hydra.launcher.grace_seconds`: building the network takes a rank up to twenty, in which it only notes a signal."""


class Program:
    """train.py as a process with all that it starts, found again by a mark in their environment."""

    def __init__(self, arguments: tuple[str, ...], cwd: Path) -> None:
        self.mark = f"SIGNVER_FAULT_{uuid.uuid4().hex}=1"
        name, _, value = self.mark.partition("=")
        self.process = subprocess.Popen(
            [sys.executable, str(REPOSITORY / "train.py"), *arguments],
            cwd=cwd,
            env={**users_environment(), name: value},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def members(self, text: str = "") -> list[int]:
        """Living processes of it whose command line holds a text, the eldest first."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                environment = (entry / "environ").read_bytes()
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if self.mark.encode() in environment and text in command and stat[0] not in "ZX":
                found.append((int(stat[19]), int(entry.name)))  # when it was started, in the kernel's ticks
        return [pid for _, pid in sorted(found)]

    def end(self, timeout: float = 300) -> "subprocess.CompletedProcess[str]":
        """Waits for its end."""
        output, errors = self.process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(self.process.args, self.process.returncode, output, errors)

    def leftovers(self, seconds: float = GRACE_SECONDS + 15) -> list[int]:
        """What is still alive after the time that ranks have to write a checkpoint."""
        deadline = time.monotonic() + seconds
        while (left := self.members()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return left

    def kill_all(self) -> None:
        """Leaves nothing, whatever a test found."""
        for pid in self.members():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
