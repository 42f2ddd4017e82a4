"""`jobs.json` of a sweep, and the journal that keeps what changes between two writings of it."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._job import Job
from hydra_plugins.mpi_launcher._whole_file import write_whole

_LEAST_SECONDS = 0.5
_COST_SHARE = 50
"""The whole file is written again when this many times the time has passed that it took the last time."""


class Ledger:
    """The state of every job of a sweep, of all its batches.

    `jobs.json` has all of them. To write it at each change would cost the square of their number, so a change is a line
    of `.launcher/journal.jsonl` first, and `jobs.json` follows a little later. Who is killed in between has lost
    nothing: `read` takes both.

    Args:
      sweep_dir: folder of the sweep.

    Attributes:
      records: of each job by its number, as `Job.record`.
      batches: number of a batch's first job -> jobs in it.
      ranked_by: what all jobs share, as `_ranked_together.Ranking.shared`; empty where it is not known.
    """

    def __init__(self, sweep_dir: Path) -> None:
        self.path = sweep_dir / "jobs.json"
        self.records: dict[int, dict[str, Any]] = {}
        self.batches: dict[int, int] = {}
        self.ranked_by: dict[str, str] = {}
        self._journal = sweep_dir / ".launcher" / "journal.jsonl"
        self._open: TextIO | None = None
        self._due = 0.0

    def read(self) -> dict[int, dict[str, Any]]:
        """What the files have; empty if there are none.

        Raises:
          LaunchError: they cannot be read.
        """
        try:
            content = json.loads(self.path.read_text())
            self.records = {int(number): entry for number, entry in content["jobs"].items()}
            self.batches = {int(first): size for first, size in content["batches"].items()}
            self.ranked_by = dict(content.get("ranked_by", {}))
            self._read_journal()
            for record in self.records.values():
                record["folder"] = _found_again(record["folder"], self.path.parent)
        except FileNotFoundError:
            self.records, self.batches = {}, {}
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise LaunchError(
                f"{self.path}: cannot be read as the jobs of a sweep ({error}); restore it, or start a new sweep "
                "without hydra.launcher.resume"
            ) from None
        return self.records

    def write(self, jobs: Sequence[Job], batch: bool = False) -> None:
        """Writes the state of some jobs into `jobs.json`; the others stay as they are.

        Args:
          jobs: to note.
          batch: whether these are all jobs of one call of the sweeper; their number is noted too.
        """
        if batch and jobs:
            self.batches[jobs[0].number] = len(jobs)
        self.records |= {job.number: job.record() for job in jobs}
        started = time.monotonic()
        jobs_by_number = {number: self.records[number] for number in sorted(self.records)}
        content = {"ranked_by": self.ranked_by, "batches": self.batches, "jobs": jobs_by_number}
        write_whole(self.path, json.dumps(content, indent=1, default=str).encode() + b"\n")
        self._close_journal()
        now = time.monotonic()
        self._due = now + max(_LEAST_SECONDS, _COST_SHARE * (now - started))

    def note(self, job: Job) -> None:
        """Keeps a change of a job's state: in the journal at once, in `jobs.json` soon."""
        record = self.records[job.number] = job.record()
        if self._open is None:
            self._journal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._open = open(self._journal, "a", encoding="utf-8")  # noqa: SIM115 - until jobs.json is written
        self._open.write(json.dumps({job.number: record}, default=str) + "\n")
        self._open.flush()

    def catch_up(self, at_once: bool = False) -> None:
        """Writes `jobs.json` if it is time, or at once, and there is anything in the journal."""
        if self._open is not None and (at_once or time.monotonic() >= self._due):
            self.write([])

    def _read_journal(self) -> None:
        if not self._journal.exists():
            return
        for line in self._journal.read_text(encoding="utf-8").splitlines():
            try:
                entries = {int(number): record for number, record in json.loads(line).items()}
            except ValueError:  # the last line of a process that was killed
                continue
            self.records |= entries

    def _close_journal(self) -> None:
        """Removes the journal, all of which `jobs.json` has now."""
        if self._open is not None:
            self._open.close()
            self._open = None
        self._journal.unlink(missing_ok=True)


def _found_again(folder: str, sweep_dir: Path) -> str:
    """The folder of a job, if that of its sweep has been moved or copied since then."""
    here = sweep_dir.absolute()
    if Path(folder).is_relative_to(here):
        return folder
    parts = Path(folder).parts
    ends = (here.joinpath(*parts[-count:]) for count in range(1, len(parts)))
    return next((str(end) for end in ends if end.is_dir()), folder)
