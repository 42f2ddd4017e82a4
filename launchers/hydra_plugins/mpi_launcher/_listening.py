"""Reads and answers the reports of running jobs; the launcher's side of `reports`."""

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher._job import JobFiles
from hydra_plugins.mpi_launcher._whole_file import write_whole
from hydra_plugins.mpi_launcher.reports import ReportFiles

_LOOK_SECONDS = 0.05


class Listener:
    """Hands reports on and writes the answers.

    Args:
      sweep_dir: folder of the sweep.
      on_report: gets number of a job, step and value; returns whether the job is pruned.

    Attributes:
      error: the exception that `on_report` raised.
    """

    def __init__(self, sweep_dir: Path, on_report: Callable[[int, int, float], bool]) -> None:
        self._sweep_dir, self._on_report = sweep_dir, on_report
        self._read: dict[int, int] = {}
        self.error: Exception | None = None
        self._next_look = 0.0

    def look(self, numbers: Iterable[int]) -> None:
        """Reads the new reports of jobs, at most 20 times a second."""
        if time.monotonic() < self._next_look:
            return
        for number in numbers:
            self.look_once(number)
        self._next_look = time.monotonic() + _LOOK_SECONDS

    def look_once(self, number: int, answer: bool = True) -> None:
        """Reads the new reports of a job.

        Args:
          number: of the job.
          answer: whether to answer them; not for reports of an earlier attempt of the job.
        """
        files = JobFiles(self._sweep_dir, number).reports
        start = self._read.get(number, 0)
        try:
            if files.reports.stat().st_size <= start:
                return
            with open(files.reports, "rb") as file:
                file.seek(start)
                data = file.read()
        except OSError:  # nothing yet
            return
        lines = data[: data.rfind(b"\n") + 1]
        self._read[number] = start + len(lines)
        for line in lines.splitlines():
            self._answer(number, line, files, answer)

    def _answer(self, number: int, line: bytes, files: ReportFiles, answer: bool) -> None:
        try:
            entry: Any = json.loads(line)
            step, value, last = int(entry["step"]), float(entry["value"]), bool(entry["last"])
        except (ValueError, KeyError, TypeError):  # of a process that was killed while it wrote
            return
        try:
            is_given_up = bool(self._on_report(number, step, value)) and not last
        except Exception as error:
            self.error, is_given_up = self.error or error, False
        if answer:
            write_whole(files.verdict, json.dumps({"step": step, "given_up": is_given_up}).encode())
