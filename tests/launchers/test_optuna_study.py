"""A study on disk: parallel batches, an interrupted one, and resuming it."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import mpi_programs
import pytest

optuna = pytest.importorskip("optuna", reason="no Optuna here: pip install optuna")
from hydra_plugins.optuna_study._search_space import override_text  # noqa: E402

pytestmark = pytest.mark.slow

PROGRAM = """\
import time
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig


@hydra.main(version_base="1.3", config_path=".", config_name="config")
def main(config):
    folder = Path(HydraConfig.get().runtime.output_dir)
    number = HydraConfig.get().job.num
    if number == 3 and not (folder / "waited").exists():
        (folder / "waited").touch()
        time.sleep(60)
    if number == config.fails_at:
        raise ValueError("not this one")
    (folder / f"ended_{time.time_ns()}").touch()
    return -((config.x - 0.5) ** 2)


main()
"""
CONFIG = """\
defaults:
  - override hydra/launcher: mpi
  - override hydra/sweeper: study
  - _self_
x: 0
fails_at: -1
hydra:
  launcher:
    slots: 2
    better: higher
    grace_seconds: 2
  sweep:
    dir: sweep
  sweeper:
    n_trials: 6
    params:
      x: interval(0, 1)
"""


def start(folder: Path, *overrides: str) -> "subprocess.Popen[str]":
    (folder / "program.py").write_text(PROGRAM)
    (folder / "config.yaml").write_text(CONFIG)
    command = [sys.executable, "program.py", "-m", *overrides]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )


def study_of(folder: Path) -> "optuna.Study":
    return optuna.load_study(study_name="sweep", storage=f"sqlite:///{folder / 'sweep' / 'study.db'}")


def values_on_disk(folder: Path) -> list[float]:
    jobs = json.loads((folder / "sweep" / "jobs.json").read_text())["jobs"]
    return [jobs[str(number)]["value"] for number in range(len(jobs))]


def test_an_interrupted_study_resumes_with_its_trials(tmp_path: Path):
    process = start(tmp_path)
    mpi_programs.wait_until(lambda: (tmp_path / "sweep/3/waited").exists(), process, seconds=120)
    mpi_programs.wait_until(lambda: list(tmp_path.glob("sweep/2/ended_*")), process, seconds=60)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    finished = sum(trial.state.is_finished() for trial in study_of(tmp_path).trials)
    assert 2 <= finished < 6

    refused = start(tmp_path)
    assert "hydra.launcher.resume=sweep resumes it" in refused.communicate(timeout=60)[1]
    assert refused.returncode == 1

    again = start(tmp_path, "hydra.launcher.resume=sweep")
    output, errors = again.communicate(timeout=120)
    assert again.returncode == 0, errors
    assert re.search(r"study    \d trials in sweep/study.db, \d to go", output)
    assert "FutureWarning" not in errors
    study = study_of(tmp_path)
    assert study.direction.name == "MAXIMIZE"
    assert [trial.value for trial in study.trials] == values_on_disk(tmp_path)
    assert len({trial.params["x"] for trial in study.trials}) == 6  # none was proposed twice
    assert [len(list(tmp_path.glob(f"sweep/{number}/ended_*"))) for number in range(6)] == [1] * 6

    more = start(tmp_path, "hydra.launcher.resume=sweep", "hydra.sweeper.n_trials=8")
    more.communicate(timeout=60)
    assert more.returncode == 0
    assert len(study_of(tmp_path).trials) == 8


def test_a_failed_trial_is_replaced(tmp_path: Path):
    process = start(tmp_path, "hydra.sweeper.n_trials=2", "fails_at=1")
    process.communicate(timeout=60)
    again = start(tmp_path, "hydra.sweeper.n_trials=2", "hydra.launcher.resume=sweep")
    _, errors = again.communicate(timeout=60)
    assert again.returncode == 0, errors
    assert [trial.state.name for trial in study_of(tmp_path).trials] == ["COMPLETE", "FAIL", "COMPLETE"]


def test_a_dry_run_leaves_no_study(tmp_path: Path):
    process = start(tmp_path, "hydra.launcher.dry_run=true")
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "2 jobs" in output
    assert not (tmp_path / "sweep" / "study.db").exists()


@pytest.mark.parametrize("name", ["a b [x]*", "what? {b} 50%25", "a=b,c it's $x", "grüße"])
def test_a_folder_of_any_name_holds_a_study(tmp_path: Path, name: str):
    override = f"hydra.sweep.dir={override_text(name)}"
    for start_over in (override, override):
        process = start(tmp_path, "hydra.sweeper.n_trials=1", start_over)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    command = errors.partition("already; ")[2].partition(" resumes it")[0]
    (again,) = shlex.split(command)  # as a shell would read it when it is pasted
    process = start(tmp_path, "hydra.sweeper.n_trials=2", again)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert (tmp_path / name / "study.db").exists()
    assert (tmp_path / name / "1").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"program.py", "config.yaml", name}
