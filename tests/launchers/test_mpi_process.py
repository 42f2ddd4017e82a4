"""An mpirun that does not notice the end of its ranks, simulated by a program that starts one and then hangs."""

import sys
import time
from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from hydra_plugins.mpi_launcher import _mpi_process
from hydra_plugins.mpi_launcher._mpi_process import MpiProcess, session_members

HANGS = "import signal, subprocess; subprocess.run(['sleep', '1.5']); signal.pause()"


@pytest.mark.fault(
    "mpirun locks itself up after its ranks have ended", "the launcher ends it; the run's own error is reported"
)
def test_an_mpirun_that_outlives_its_ranks_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_mpi_process, "ALONE_SECONDS", 1.0)
    session = tmp_path / "session"
    session.mkdir()
    process = MpiProcess([sys.executable, "-c", HANGS], {}, tmp_path / "log", False, 5, session)
    started = time.monotonic()
    while (code := process.ended()) is None:
        assert time.monotonic() - started < 30
        time.sleep(0.03)
    assert code == 0
    assert time.monotonic() - started > 2
    assert session_members(process.pid) == []
    assert not session.exists()
