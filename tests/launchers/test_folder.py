"""The folder of a sweep: one process at a time can use it, and an unusable one gives one line."""

import errno
import fcntl
import os
from pathlib import Path

import mpi_programs  # noqa: F401 - finds the launcher
import pytest
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._folder import SweepFolder


def test_two_sweeps_at_once_have_two_folders(tmp_path: Path):
    first = SweepFolder(tmp_path / "sweep", must_be_new=False, resume=None)
    second = SweepFolder(tmp_path / "sweep", must_be_new=False, resume=None)
    assert (first.path.name, second.path.name) == ("sweep", "sweep_1")
    with pytest.raises(LaunchError, match="is still running"):
        SweepFolder(tmp_path / "sweep", must_be_new=False, resume=str(tmp_path / "sweep"))
    first.leave()
    second.leave()


def test_a_file_in_the_way_stays(tmp_path: Path):
    (tmp_path / "sweep").write_text("mine")
    folder = SweepFolder(tmp_path / "sweep", must_be_new=False, resume=None)
    assert folder.path.name == "sweep_1"
    folder.leave()
    assert (tmp_path / "sweep").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path):
    (tmp_path / "file").touch()
    for wanted in (Path("/proc/nothing"), tmp_path / "file" / "sweep"):
        with pytest.raises(LaunchError, match=f"^hydra.sweep.dir: {wanted} cannot be used: .*; give another"):
            SweepFolder(wanted, must_be_new=False, resume=None)


def test_a_file_system_without_locks_is_said_and_not_taken_for_another_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def flock(file: object, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(LaunchError, match="No locks available"):
        SweepFolder(tmp_path / "sweep", must_be_new=False, resume=None)
    assert [file.name for file in tmp_path.iterdir()] == ["sweep"]
