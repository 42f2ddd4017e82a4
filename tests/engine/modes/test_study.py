"""Optuna through train.py, by each of its names: it optimises in the direction of the task's metric."""

import csv
from pathlib import Path

import pytest
from omegaconf import OmegaConf
from programs import Run
from small_runs import FEW_STEPS, SMALL_UNET

optuna = pytest.importorskip("optuna", reason="no Optuna here: pip install optuna")
pytestmark = pytest.mark.slow

RECIPE = """\
# @package _global_
defaults:
  - override /task: cleaner
  - override /dataset: synthetic
  - override /hydra/sweeper: study
hydra:
  sweeper:
    n_trials: 3
    params:
      model.learning_rate: tag(log, interval(0.001, 0.01))
      model: unet,autoencoder
"""


@pytest.mark.parametrize("name", ["study", "optuna"])
def test_the_best_trial_is_that_of_the_leaderboard(run: Run, tmp_path: Path, name: str):
    arguments = ("-m", f"hydra/sweeper={name}", "hydra.sweeper.n_trials=2", "hydra.sweep.dir=sweep")
    done = run(*arguments, *SMALL_UNET, *FEW_STEPS, "model.learning_rate=interval(1e-6,1e-2)", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with open(tmp_path / "sweep/leaderboard.csv") as file:
        first, last = csv.DictReader(file)
    assert float(first["ink_f1"]) > float(last["ink_f1"])
    best = OmegaConf.load(tmp_path / "sweep/optimization_results.yaml")
    assert best.best_params["model.learning_rate"] == float(first["model.learning_rate"])
    study = optuna.load_study(study_name="sweep", storage=f"sqlite:///{tmp_path / 'sweep/study.db'}")
    assert study.direction.name == "MAXIMIZE"


@pytest.mark.parametrize("name", ["study", "optuna"])
def test_a_recipe_of_the_user(run: Run, tmp_path: Path, name: str):
    (tmp_path / "mine/experiment").mkdir(parents=True)
    (tmp_path / "mine/experiment/search.yaml").write_text(RECIPE.replace("sweeper: study", f"sweeper: {name}"))
    arguments = (
        "--config-dir",
        "mine",
        "-m",
        "experiment=search",
        "hydra.launcher.dry_run=true",
        "hydra.sweep.dir=sweep",
    )
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 jobs" in done.stdout
    assert "model=unet" in done.stdout or "model=autoencoder" in done.stdout


def test_another_sampler_and_nonsense_in_one_line(run: Run, tmp_path: Path):
    random = "hydra.sweeper.sampler._target_=optuna.samplers.RandomSampler"
    arguments = ("-m", "hydra/sweeper=optuna", random, "hydra.launcher.dry_run=true", *SMALL_UNET)
    done = run(*arguments, "model.learning_rate=interval(1e-4,1e-2)", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    refused = run(*arguments, "model.learning_rate=interval(1,0)", cwd=tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: model.learning_rate=interval(1,0): ")
    assert refused.stderr.count("\n") == 1
