"""What ranks are told."""

import sys
from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from hydra_plugins.mpi_launcher._job import Job, JobFiles, Needs, State
from hydra_plugins.mpi_launcher._runner import _own_paths, Runner


def test_ranks_get_the_folders_that_python_does_not_find_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    inside, beside = f"{sys.prefix}/project", f"{sys.prefix}-project"
    monkeypatch.setattr(sys, "path", [inside, "", *(path for path in sys.path if path), beside, inside])
    monkeypatch.chdir(tmp_path)
    paths = _own_paths()
    assert paths[:2] == [inside, str(tmp_path)]
    assert paths[-1] == beside
    assert len(paths) == len(set(paths))
    assert not any(path.endswith(("site-packages", "lib-dynload", ".zip")) for path in paths)
    assert str(Path(pytest.__file__).parents[1]) not in paths


def test_an_attempt_that_was_killed_is_told_as_such_and_not_by_the_error_of_the_one_before(tmp_path: Path):
    job = Job(3, ["x=1"], None, Needs(), tmp_path / "3", error="ValueError: of the first attempt", attempts=2)
    files = JobFiles(tmp_path, 3)
    files.make()
    (files.folder / "ending_0.txt").write_text("process 42 asked it to end\n")
    Runner(None, None, tmp_path, None, None, remote=False).finish(job, 143)
    assert job.state == State.FAILED
    assert job.error.splitlines() == ["killed by SIGTERM", "rank 0: process 42 asked it to end"]
