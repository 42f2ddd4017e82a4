"""A long sweep of short trials: every one ends, and the launcher's memory does not grow."""

import csv
import time
from pathlib import Path

import psutil
import pytest
from mpi_programs import start

TRIALS = 200


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.fault(
    f"a sweep of {TRIALS} short trials on 8 pretended cards",
    "as many results; from the first trial to the last the launcher grows by less than 15 MB",
)
def test_every_trial_of_a_long_sweep_ends(tmp_path: Path):
    numbers = ",".join(map(str, range(TRIALS)))
    process = start(tmp_path, f"x={numbers}", "devices=1", "sleep=0", "hydra.launcher.cards=8")
    launcher, memory = psutil.Process(process.pid), []
    while process.poll() is None:
        if (tmp_path / "sweep" / "jobs.json").exists():  # all configs have been composed
            memory.append(launcher.memory_info().rss)
        time.sleep(0.5)
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    with open(tmp_path / "sweep" / "leaderboard.csv") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == TRIALS
    assert {row["outcome"] for row in rows} == {"done"}
    memory = [sample for sample in memory if sample]  # a process that has just ended has none
    assert max(memory) < memory[0] + 15 * 2**20
