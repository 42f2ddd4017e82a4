"""Resuming an earlier run of a sweep."""

import pickle
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._job import Job, JobFiles, jsonable, RETURNED, STARTED, State
from hydra_plugins.mpi_launcher._ledger import Ledger


def take_what_is_done(
    jobs: Sequence[Job], ledger: Ledger, sweep_dir: Path, ranked_by: Mapping[str, str], batch: bool = True
) -> None:
    """Gives each job that is done in an earlier run of the sweep its result.

    Args:
      jobs: of the sweep.
      ledger: has read what that run left.
      sweep_dir: its folder.
      ranked_by: config keys, and the values that all trials must share.
      batch: whether these are all jobs of one call of the sweeper.

    Raises:
      LaunchError: that sweep has other trials, or ranks them by something else.
    """
    for key, value in ranked_by.items():
        if ledger.ranked_by.get(key, value) != value:
            raise LaunchError(
                f"hydra.launcher.resume: {sweep_dir} has trials of {key}={ledger.ranked_by[key]}, which cannot be "
                f"ranked with those of {value}; start a new sweep without hydra.launcher.resume"
            )
    first = jobs[0].number if jobs else 0
    if batch and ledger.batches.get(first, len(jobs)) != len(jobs):
        raise LaunchError(
            f"hydra.launcher.resume: {sweep_dir} has {ledger.batches[first]} trials where the command has {len(jobs)}; "
            "give the same overrides as then"
        )
    for job in jobs:
        record = ledger.records.get(job.number)
        if record is None:
            continue
        if record["overrides"] != job.overrides:
            raise LaunchError(
                f"hydra.launcher.resume: {sweep_dir} has other trials: its job {job.number} is "
                f"`{' '.join(record['overrides'])}`, not `{' '.join(job.overrides)}`; give the same overrides as then"
            )
        _take_result(job, record, JobFiles(sweep_dir, job.number))


def _take_result(job: Job, record: Mapping[str, Any], files: JobFiles) -> None:
    """Takes the result of a job, also of one that had ended when the launcher was killed before it knew."""
    returned = record["state"] in (state.value for state in RETURNED)
    if not returned and (record["state"] != State.RUNNING.value or files.errors() or files.endings()):
        return
    try:
        result = pickle.loads(files.result.read_bytes())
    except Exception:  # a result that cannot be read is worth running the job again
        return
    state = State(record["state"]) if returned else files.how_it_returned()
    job.end_with(result, state)
    job.attempts, job.seconds, job.placement = record["attempts"], record["seconds"], record["placement"]
    job.started = _moment(record["started"])
    job.value = record["value"] if returned else jsonable(result.return_value)
    if not returned:
        job.seconds = max(0.0, files.result.stat().st_mtime - job.started)


def _moment(text: str | None) -> float:
    return time.mktime(time.strptime(text, STARTED)) if text else 0.0
