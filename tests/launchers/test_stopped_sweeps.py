"""Sweeps that a signal or a kill stops: time for checkpoints, and no process or file left behind."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from mpi_programs import alive, leaderboard, MPIRUNS, pids, start, states, wait_until

pytestmark = pytest.mark.slow

ON = pytest.mark.parametrize("mpirun", MPIRUNS)


def children(pid: int) -> list[int]:
    output = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(word) for word in output.split()]


@ON
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda stop: stop.name)
def test_a_signal_leaves_time_for_checkpoints_and_leaves_nothing_running(
    tmp_path: Path, mpirun: str, stop: signal.Signals
):
    words = ("x=1,2,3", "ranks=2", "sleep=100", "checkpoint=true", f"hydra.launcher.mpirun={mpirun}")
    process = start(tmp_path, *words)
    wait_until(lambda: len(list(tmp_path.glob("sweep/0/ready_*"))) == 2, process)
    process.send_signal(stop)
    output, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert len(list(tmp_path.glob("sweep/0/checkpoint_*"))) == 2
    assert set(states(tmp_path).values()) == {"cancelled"}
    assert len(leaderboard(tmp_path)) == 3
    assert "hydra.launcher.resume=sweep" in output
    assert not any(map(alive, pids(tmp_path)))


def test_a_closed_terminal_does_not_end_a_sweep_under_nohup(tmp_path: Path):
    process = start(tmp_path, "x=1", "sleep=3", before=("nohup",))
    wait_until(lambda: list(tmp_path.glob("sweep/0/ready_*")), process)
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=60)
    assert (process.returncode, states(tmp_path)) == (0, {0: "done"})


def test_a_second_ctrl_c_kills(tmp_path: Path):
    process = start(tmp_path, "x=1", "ranks=2", "sleep=100", "deaf=true", "hydra.launcher.grace_seconds=100")
    wait_until(lambda: len(list(tmp_path.glob("sweep/0/ready_*"))) == 2, process)
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=2)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=10)
    wait_until(lambda: not any(map(alive, pids(tmp_path))), seconds=5)


@ON
def test_kill_9_of_the_launcher_leaves_nothing_running(tmp_path: Path, mpirun: str):
    words = ("x=1,2", "ranks=2", "sleep=100", "checkpoint=true", f"hydra.launcher.mpirun={mpirun}")
    process = start(tmp_path, *words)
    wait_until(lambda: len(list(tmp_path.glob("sweep/0/ready_*"))) == 2, process)
    mpiruns = children(process.pid)
    assert mpiruns
    process.kill()
    wait_until(lambda: not any(map(alive, [*pids(tmp_path), *mpiruns])), seconds=15)
    assert len(list(tmp_path.glob("sweep/0/checkpoint_*"))) == 2  # they were asked, not killed


@ON
def test_a_killed_mpirun_leaves_no_files_that_a_later_one_would_meet(tmp_path: Path, mpirun: str):
    """In a container started again process numbers repeat and /tmp stays."""
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    process = start(tmp_path, "x=1", "sleep=100", f"hydra.launcher.mpirun={mpirun}", TMPDIR=str(scratch))
    wait_until(lambda: list(tmp_path.glob("sweep/0/ready_*")), process)
    (killed,) = children(process.pid)
    os.kill(killed, signal.SIGKILL)
    process.communicate(timeout=60)
    assert list(scratch.iterdir()) == []


@ON
def test_kill_9_of_mpirun_fails_its_job_and_leaves_no_rank(tmp_path: Path, mpirun: str):
    words = ("x=1,2", "ranks=2", "sleep=4", f"hydra.launcher.mpirun={mpirun}")
    process = start(tmp_path, *words)
    wait_until(lambda: len(list(tmp_path.glob("sweep/0/ready_*"))) == 2, process)
    first = pids(tmp_path)
    (mpirun_pid,) = children(process.pid)
    os.kill(mpirun_pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert not any(map(alive, first))
    assert states(tmp_path) == {0: "failed", 1: "done"}
