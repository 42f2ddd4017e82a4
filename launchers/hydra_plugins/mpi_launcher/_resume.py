"""Going on with an earlier run of a sweep."""

import pickle
from collections.abc import Sequence
from pathlib import Path

from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._job import Job, JobFiles, Ledger, State


def take_what_is_done(jobs: Sequence[Job], ledger: Ledger, sweep_dir: Path) -> None:
    """Gives jobs of an earlier run of the sweep their results.

    Raises:
      LaunchError: that sweep had other trials.
    """
    before = ledger.read()
    first = jobs[0].number if jobs else 0
    if ledger.batches.get(first, len(jobs)) != len(jobs):
        raise LaunchError(
            f"hydra.launcher.resume: {sweep_dir} has {ledger.batches[first]} trials where the command has {len(jobs)}; "
            "give the same words as then"
        )
    for job in jobs:
        facts = before.get(job.number)
        if facts is not None and facts["overrides"] != job.overrides:
            raise LaunchError(
                f"hydra.launcher.resume: {sweep_dir} has other trials: its job {job.number} is "
                f"`{' '.join(facts['overrides'])}`, not `{' '.join(job.overrides)}`; give the same words as then"
            )
        if facts is None or facts["state"] != State.DONE.value:
            continue
        try:
            result = pickle.loads(JobFiles(sweep_dir, job.number).result.read_bytes())
        except Exception:  # a result that cannot be read is worth running the job again
            continue
        job.end_with(result)
        job.value, job.attempts = facts["value"], facts["attempts"]
        job.seconds, job.placement = facts["seconds"], facts["placement"]
