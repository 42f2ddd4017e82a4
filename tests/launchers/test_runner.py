"""The environment and the parcel of a rank."""

from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
from hydra_plugins.mpi_launcher._job import Job, JobFiles, Needs, State
from hydra_plugins.mpi_launcher._runner import Runner


def test_an_attempt_that_was_killed_is_reported_as_such_and_not_by_the_error_of_the_one_before(tmp_path: Path):
    job = Job(3, ["x=1"], None, Needs(), tmp_path / "3", error="ValueError: of the first attempt", attempts=2)
    files = JobFiles(tmp_path, 3)
    files.make()
    (files.folder / "ending_0.txt").write_text("process 42 asked it to end\n")
    Runner(None, None, tmp_path, None, None, remote=False).finish(job, 143)
    assert job.state == State.FAILED
    assert job.error.splitlines() == ["killed by SIGTERM", "rank 0: process 42 asked it to end"]
