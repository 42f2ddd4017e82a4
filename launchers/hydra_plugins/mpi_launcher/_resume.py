"""Resuming an earlier run of a sweep."""

import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path

from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._job import Job, JobFiles, Ledger, State


def take_what_is_done(jobs: Sequence[Job], ledger: Ledger, sweep_dir: Path, ranked_by: Mapping[str, str]) -> None:
    """Gives each job that is done in an earlier run of the sweep its result.

    Args:
      jobs: of the sweep.
      ledger: reads what that run left.
      sweep_dir: its folder.
      ranked_by: config keys, and the values that all trials must share.

    Raises:
      LaunchError: that sweep has other trials, or ranks them by something else.
    """
    before = ledger.read()
    for key, value in ranked_by.items():
        if ledger.ranked_by.get(key, value) != value:
            raise LaunchError(
                f"hydra.launcher.resume: {sweep_dir} has trials of {key}={ledger.ranked_by[key]}, which cannot be "
                f"ranked with those of {value}; start a new sweep without hydra.launcher.resume"
            )
    first = jobs[0].number if jobs else 0
    if ledger.batches.get(first, len(jobs)) != len(jobs):
        raise LaunchError(
            f"hydra.launcher.resume: {sweep_dir} has {ledger.batches[first]} trials where the command has {len(jobs)}; "
            "give the same overrides as then"
        )
    for job in jobs:
        record = before.get(job.number)
        if record is not None and record["overrides"] != job.overrides:
            raise LaunchError(
                f"hydra.launcher.resume: {sweep_dir} has other trials: its job {job.number} is "
                f"`{' '.join(record['overrides'])}`, not `{' '.join(job.overrides)}`; give the same overrides as then"
            )
        if record is None or record["state"] != State.DONE.value:
            continue
        try:
            result = pickle.loads(JobFiles(sweep_dir, job.number).result.read_bytes())
        except Exception:  # a result that cannot be read is worth running the job again
            continue
        job.end_with(result)
        job.value, job.attempts = record["value"], record["attempts"]
        job.seconds, job.placement = record["seconds"], record["placement"]
