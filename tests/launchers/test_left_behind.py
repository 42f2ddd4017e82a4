"""Processes that ranks start and leave behind."""

import time
from pathlib import Path

import pytest
from mpi_programs import alive, MPIRUNS
from strangers import swept, values

PROGRAM = """\
import pathlib, signal, subprocess, sys, hydra

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"

@hydra.main(version_base=None)
def main(config):
    command = [sys.executable, "-c", DEAF] if config.deaf else ["sleep", "600"]
    child = subprocess.Popen(command, start_new_session=config.apart)
    pathlib.Path("child").write_text(str(child.pid))
    if config.fails:
        raise ValueError("after all")
    return 1

main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("mpirun", MPIRUNS)
@pytest.mark.parametrize(
    "overrides", ["+deaf=false +fails=false", "+deaf=true +fails=false", "+deaf=false +fails=true"]
)
@pytest.mark.fault("a trial leaves a process behind", "the trial ends; the process is ended after the grace")
def test_a_child_that_outlives_its_rank_does_not_hold_the_job(tmp_path: Path, mpirun: str, overrides: str):
    (tmp_path / "app.py").write_text(PROGRAM)
    started = time.monotonic()
    options = ("+apart=false", "hydra.launcher.grace_seconds=2", f"hydra.launcher.mpirun={mpirun}")
    swept(tmp_path, *overrides.split(), *options, timeout=60)
    assert time.monotonic() - started < 25
    assert values(tmp_path) == ["ValueError: after all" if "fails=true" in overrides else 1]
    assert not alive(int((tmp_path / "child").read_text()))


@pytest.mark.slow
@pytest.mark.parametrize("mpirun", MPIRUNS)
def test_a_child_in_a_session_of_its_own_is_left_alone(tmp_path: Path, mpirun: str):
    (tmp_path / "app.py").write_text(PROGRAM.replace('"600"', '"20"'))
    started = time.monotonic()
    swept(tmp_path, "+deaf=false", "+fails=false", "+apart=true", f"hydra.launcher.mpirun={mpirun}", timeout=60)
    assert time.monotonic() - started < 15
    assert values(tmp_path) == [1]
    assert alive(int((tmp_path / "child").read_text()))
