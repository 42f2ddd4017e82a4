"""What ranks are told."""

import sys
from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from hydra_plugins.mpi_launcher._runner import _own_paths


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
