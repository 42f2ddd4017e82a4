"""Jobs that a batch system or a user suspends and resumes: suspended time does not count."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from hydra_plugins.mpi_launcher import _ending, _stopwatch
from hydra_plugins.mpi_launcher._session import is_suspended, Member
from mpi_programs import wait_until
from strangers import jobs, sweep

PROGRAM = """\
import time, hydra, pathlib

@hydra.main(version_base=None)
def main(config):
    pathlib.Path("ready").touch()
    end = time.monotonic() + 7
    while time.monotonic() < end:
        print("at work", flush=True)
        time.sleep(0.2)
    return 1

main()
"""


def processes(words: str) -> list[int]:
    """Those whose command line holds some words."""
    done = subprocess.run(["pgrep", "-f", words], capture_output=True, text=True)
    return [int(line) for line in done.stdout.split()]


def children(pid: int) -> list[int]:
    done = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True)
    return [int(line) for line in done.stdout.split()]


@pytest.mark.slow
@pytest.mark.fault("a trial, its mpirun or a whole sweep is suspended for a while", "it continues and ends well")
@pytest.mark.parametrize("suspended", ["rank", "mpirun", "job", "sweep"])
def test_a_suspended_trial_continues(tmp_path: Path, suspended: str):
    (tmp_path / "app.py").write_text(PROGRAM)
    process = sweep(tmp_path, "+x=1", "hydra.launcher.stall_minutes=0.08", "hydra.launcher.timeout_minutes=0.2")
    wait_until((tmp_path / "ready").exists, process)
    (mpirun,) = children(process.pid)
    ranks = children(mpirun)
    pids = {"rank": ranks, "mpirun": [mpirun], "job": [mpirun, *ranks], "sweep": [process.pid, mpirun, *ranks]}
    for pid in pids[suspended]:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(6)
    for pid in pids[suspended]:
        os.kill(pid, signal.SIGCONT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, output + errors
    assert jobs(tmp_path)[0]["value"] == 1
    assert not list(tmp_path.glob("sweep/.launcher/0/ending_*"))


@pytest.mark.slow
@pytest.mark.fault("Ctrl-C to a sweep whose trial is suspended", "the trial is woken and writes its checkpoint")
def test_a_suspended_trial_is_woken_to_end(tmp_path: Path):
    handler = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: (open('checkpoint', 'w'), sys.exit(3)))\n"
    (tmp_path / "app.py").write_text(PROGRAM.replace("    pathlib", f"    {handler}    pathlib"))
    process = sweep(tmp_path, "+x=1", "hydra.launcher.grace_seconds=20")
    wait_until((tmp_path / "ready").exists, process)
    (mpirun,) = children(process.pid)
    for rank in children(mpirun):
        os.kill(rank, signal.SIGSTOP)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=15)
    assert (tmp_path / "checkpoint").exists()
    assert jobs(tmp_path)[0]["state"] == "cancelled"


def test_a_wait_that_suspension_interrupts_is_no_request(monkeypatch: pytest.MonkeyPatch):
    class Random:
        si_signo, si_pid = -995130904, 1825597259

    class Asked:
        si_signo, si_pid = signal.SIGUSR1, 42

    seen = iter([None, Random, None, Random, Asked])
    monkeypatch.setattr(signal, "sigtimedwait", lambda *_: next(seen))
    assert _ending.wait_until_asked(os.getppid()) == "process 42 asked it to end"
    assert _ending.wait_until_asked(-1) == "mpirun, process -1, was gone"


def test_a_real_wait_survives_being_interrupted(tmp_path: Path):
    """SIGALRM interrupts the wait as SIGCONT does; the signal itself still comes through."""
    code = (
        "import time\n"
        "from hydra_plugins.mpi_launcher._ending import Ending\n"
        "from pathlib import Path\n"
        "Ending(5, Path('note'))\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path)
    time.sleep(1.5)
    os.kill(process.pid, signal.SIGSTOP)
    time.sleep(2.5)
    os.kill(process.pid, signal.SIGCONT)
    time.sleep(0.5)
    assert process.poll() is None
    os.kill(process.pid, signal.SIGUSR1)
    assert process.wait(10) == -signal.SIGTERM
    assert (tmp_path / "note").read_text() == f"process {os.getpid()} asked it to end\n"


def test_a_stopwatch_stands_still_while_suspended(monkeypatch: pytest.MonkeyPatch):
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    watch = _stopwatch.Stopwatch()
    for step, counts, expected in [(0.5, True, 0.5), (600, True, 2.5), (0.5, False, 2.5), (1, True, 3.5)]:
        now += step
        assert watch.tick(counts) == expected


def test_one_rank_that_is_stopped_hangs_and_all_are_suspended():
    mpirun, first, second = Member(1, 0, False), Member(2, 1, True), Member(3, 1, False)
    child = Member(4, 2, False)
    assert not is_suspended([mpirun, first, second, child], 1)
    assert is_suspended([mpirun, first, child], 1)
    assert is_suspended([Member(1, 0, True), second], 1)
    assert not is_suspended([mpirun], 1)
