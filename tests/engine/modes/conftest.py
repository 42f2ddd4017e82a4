"""Runs that several modules of this folder use."""

from pathlib import Path

import pytest
from detector_runs import run_folder, SHORT
from programs import Run


@pytest.fixture(scope="session")
def trained(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cwd = tmp_path_factory.mktemp("trained")
    result = run(*SHORT, "hardware.dtype=float32", cwd=cwd, cold=True)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    (cwd / "console.txt").write_text(result.stdout)
    return run_folder(cwd)
