"""Reports intermediate values of a running job, and tells it whether it is pruned.

A job and the process that launched it share only a folder, so both write files there. If no sweeper reads the reports,
`report` does nothing.
"""

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

FOLDER = "MPI_LAUNCHER_REPORTS"
"""Environment variable with the folder of a job's reports."""

WAIT_SECONDS = 3.0
"""How long a job waits for the answer to a report. Later answers are found by `given_up`."""

_LOOK_SECONDS = 0.02


class ReportFiles:
    """The files of a job.

    Args:
      folder: of the job, in `.launcher/`.

    Attributes:
      reports: lines of JSON with `step`, `value` and `last`.
      verdict: JSON with the `step` that it answers, and whether the job is pruned (`given_up`).
      obeyed: exists if the job has read that it is pruned.
    """

    def __init__(self, folder: Path) -> None:
        self.reports = folder / "reports.jsonl"
        self.verdict = folder / "verdict.json"
        self.obeyed = folder / "given_up"


def report(step: int, value: float, last: bool = False) -> bool:
    """Reports a value, and waits up to `WAIT_SECONDS` for the answer. Call it in rank 0.

    Args:
      step: of the job; each is reported once.
      value: at this step; NaN and infinity are values.
      last: whether the job ends after this report: then there is no answer.

    Returns:
      Whether the job is pruned: it has to end now, and return its value so far.
    """
    files = _files()
    if files is None:
        return False
    line = json.dumps({"step": int(step), "value": float(value), "last": last})
    with open(files.reports, "a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")  # the previous line may be incomplete: its process was killed
    deadline = time.monotonic() + WAIT_SECONDS
    while not last and time.monotonic() < deadline:
        if _verdict(files).get("step") == int(step):
            return given_up()
        time.sleep(_LOOK_SECONDS)
    return False


def given_up() -> bool:
    """Whether an answer to an earlier report prunes this job, as `report` returns it."""
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
