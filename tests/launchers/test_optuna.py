"""Optuna's sweeper on the launcher: the values that trials return choose the next ones."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("optuna") is None, reason="no Optuna here: pip install optuna"),
]

PROGRAM = """\
import hydra
from hydra.core.hydra_config import HydraConfig


@hydra.main(version_base="1.3", config_path=".", config_name="config")
def main(config):
    if HydraConfig.get().job.num == 2:
        raise ValueError("not this one")
    return (config.x - 0.5) ** 2


main()
"""
CONFIG = """\
defaults:
  - override hydra/launcher: mpi
  - override hydra/sweeper: study
  - _self_
x: 0
hydra:
  launcher:
    slots: 2
  sweep:
    dir: sweep
  sweeper:
    n_trials: 6
    n_jobs: 2
    direction: minimize
    max_failure_rate: 0.5
    sampler:
      seed: 1
    params:
      x: interval(0, 1)
"""


def test_optuna_gets_the_values_and_tolerates_a_failed_trial(tmp_path: Path):
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "config.yaml").write_text(CONFIG)
    command = [sys.executable, "program.py", "-m"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    ledger = json.loads((tmp_path / "sweep/jobs.json").read_text())
    states = [ledger["jobs"][str(number)]["state"] for number in range(6)]
    assert states == ["done", "done", "failed", "done", "done", "done"]
    assert ledger["jobs"]["2"]["error"] == "ValueError: not this one"
    best = min(entry["value"] for entry in ledger["jobs"].values() if entry["state"] == "done")
    assert f"best_value: {best}" in (tmp_path / "sweep/optimization_results.yaml").read_text()
