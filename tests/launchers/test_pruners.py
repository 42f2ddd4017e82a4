"""`hydra.sweeper.pruner`: trials report values and are pruned; study, jobs and leaderboard agree."""

import json
import os
import subprocess
import sys
from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from mpi_programs import leaderboard

optuna = pytest.importorskip("optuna", reason="no Optuna here: pip install optuna")
from hydra_plugins.mpi_launcher.launcher import LaunchError  # noqa: E402
from hydra_plugins.optuna_study._pruner import pruner_from  # noqa: E402

PROGRAM = """\
import os
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra_plugins.mpi_launcher.reports import report


@hydra.main(version_base="1.3", config_path=".", config_name="config")
def main(config):
    for step in range(1, 5):
        if int(os.environ["OMPI_COMM_WORLD_RANK"]) == 0 and report(step, config.x + 1 / step, last=step == 4):
            break
    return config.x


main()
"""
CONFIG = """\
defaults:
  - override hydra/launcher: mpi
  - override hydra/sweeper: study
  - _self_
x: 0.5
ranks: 1
hydra:
  launcher:
    processes: ${ranks}
    slots: 2
  sweep:
    dir: sweep
  sweeper:
    n_trials: 10
    sampler:
      _target_: optuna.samplers.RandomSampler
    pruner:
      _target_: optuna.pruners.MedianPruner
      n_startup_trials: 2
"""


def sweep(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    (folder / "program.py").write_text(PROGRAM)
    (folder / "config.yaml").write_text(CONFIG)
    command = [sys.executable, "program.py", "-m", "x=interval(0,1)", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=400, env=dict(os.environ))


@pytest.mark.slow
@pytest.mark.parametrize("ranks", [1, 2])
def test_trials_that_fall_behind_end_and_all_records_agree(tmp_path: Path, ranks: int):
    done = sweep(tmp_path, f"ranks={ranks}")
    assert done.returncode == 0, done.stderr
    trials = optuna.load_study(study_name="sweep", storage=f"sqlite:///{tmp_path}/sweep/study.db").trials
    states = {trial.number: trial.state.name for trial in trials}
    assert set(states.values()) == {"COMPLETE", "PRUNED"}
    assert trials[0].params == {"x": 0.5}  # the config as it is
    for trial in trials:
        evaluations = len(trial.intermediate_values)
        assert evaluations == 4 if states[trial.number] == "COMPLETE" else 1 <= evaluations < 4
    in_study = {number: {"COMPLETE": "done", "PRUNED": "pruned"}[state] for number, state in states.items()}
    jobs = json.loads((tmp_path / "sweep/jobs.json").read_text())["jobs"]
    assert {int(number): entry["state"] for number, entry in jobs.items()} == in_study
    rows = leaderboard(tmp_path)
    assert {int(row["trial"]): row["outcome"] for row in rows} == in_study
    complete = [trial for trial in trials if states[trial.number] == "COMPLETE"]
    best = min(complete, key=lambda trial: trial.value)
    assert (rows[0]["trial"], rows[0]["rank"]) == (str(best.number), "1")
    assert {row["rank"] for row in rows if row["outcome"] == "pruned"} == {""}


@pytest.mark.parametrize("name", ["median", "percentile", "successive_halving", "hyperband", "patient", "wilcoxon"])
def test_every_pruner_has_a_name(name: str):
    pruner = pruner_from(name, 1)
    assert type(pruner).__name__.lower() == name.replace("_", "") + "pruner"


def test_a_pruner_may_wrap_another_one():
    inner = {"_target_": "optuna.pruners.MedianPruner", "n_warmup_steps": 3}
    pruner = pruner_from({"_target_": "optuna.pruners.PatientPruner", "wrapped_pruner": inner, "patience": 2}, 1)
    assert isinstance(pruner._wrapped_pruner, optuna.pruners.MedianPruner)


REFUSED = {
    "best": "best is none of median, percentile",
    "os.getcwd": "os.getcwd is none of",
    "{_target_: os.system, command: 'touch here'}": "os.system is neither a pruner of Optuna nor",
    "{_target_: optuna.samplers.TPESampler}": "optuna.samplers.TPESampler is neither a pruner",
    "{_target_: optuna.pruners.MedianPruner, nonsense: 1}": "cannot be made of it",
}


@pytest.mark.parametrize("word", REFUSED)
def test_what_is_no_pruner_is_refused_and_not_called(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import yaml

    monkeypatch.chdir(tmp_path)
    with pytest.raises(LaunchError) as refusal:
        pruner_from(yaml.safe_load(word), 1)
    assert REFUSED[word] in str(refusal.value)
    assert not (tmp_path / "here").exists()


def test_several_objectives_have_no_pruner():
    with pytest.raises(LaunchError, match="pruners compare one objective"):
        pruner_from("median", 2)
