"""Values that a job reports while it runs, and whether whoever compares the jobs gives it up.

A job and the process that has launched it share no more than a folder, so both write files there. Nothing is waited for
where nobody compares: then `report` does nothing.
"""

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

FOLDER = "MPI_LAUNCHER_REPORTS"
"""Variable with the folder that the reports of a job go to."""

WAIT_SECONDS = 3.0
"""How long a job waits for the answer to a report. Later answers are found by `given_up`."""

_LOOK_SECONDS = 0.02


class ReportFiles:
    """The files of a job.

    Args:
      folder: of the job, in `.launcher/`.

    Attributes:
      reports: lines of JSON with `step`, `value` and `last`.
      verdict: JSON with the `step` that it answers, and whether the job is `given_up`.
      obeyed: there if the job has learned that it is given up.
    """

    def __init__(self, folder: Path) -> None:
        self.reports = folder / "reports.jsonl"
        self.verdict = folder / "verdict.json"
        self.obeyed = folder / "given_up"


def report(step: int, value: float, last: bool = False) -> bool:
    """Reports a value, and waits a moment for the answer. Call it in rank 0.

    Args:
      step: of the job; each is reported once.
      value: at this step; NaN and infinity are values.
      last: whether the job ends here anyway: then there is no answer.

    Returns:
      Whether the job is given up: it ends itself now, and returns what it has. It then counts as pruned.
    """
    files = _files()
    if files is None:
        return False
    line = json.dumps({"step": int(step), "value": float(value), "last": last})
    with open(files.reports, "a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")  # the line before may be cut: its process was killed
    deadline = time.monotonic() + WAIT_SECONDS
    while not last and time.monotonic() < deadline:
        if _verdict(files).get("step") == int(step):
            return given_up()
        time.sleep(_LOOK_SECONDS)
    return False


def given_up() -> bool:
    """Whether an answer has come that gives this job up, as `report` returns it."""
    files = _files()
    if files is None or _verdict(files).get("given_up") is not True:
        return False
    files.obeyed.touch()
    return True


def _files() -> ReportFiles | None:
    folder = os.environ.get(FOLDER)
    return ReportFiles(Path(folder)) if folder else None


def _verdict(files: ReportFiles) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(files.verdict.read_text())
        if isinstance(found, dict):
            return found
    return {}
