"""Optuna through train.py, by each of its names: it optimises in the direction of the task's metric."""

import csv
import json
import os
import signal
import time
from pathlib import Path

import pytest
from omegaconf import OmegaConf
from programs import Run, Start
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


def ranks_below(folder: Path) -> list[int]:
    """Process numbers of the ranks whose jobs are in a folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_text().split("\0")
        except OSError:  # it has ended
            continue
        if Path(words[0]).name.startswith("python") and any(word.startswith(str(folder)) for word in words[1:]):
            found.append(int(file.parent.name))
    return found


def test_tensorboard_knows_that_a_trial_was_killed(start: Start, tmp_path: Path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import plugin_data_pb2

    long = ("trainer.train_steps=4000", "trainer.validation_interval=10", "trainer.steps_per_loop=5")
    arguments = ("-m", "hydra/sweeper=study", "hydra.sweeper.n_trials=1", f"hydra.sweep.dir={tmp_path}/sweep")
    process = start(*arguments, *SMALL_UNET, *long, "model.learning_rate=interval(1e-3,1e-2)", cwd=tmp_path)
    deadline = time.monotonic() + 300

    def evaluations() -> int:
        files = list(tmp_path.glob("sweep/0-*/run.json"))
        return len(json.loads(files[0].read_text()).get("history", [])) if files else 0

    while evaluations() < 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    (rank,) = ranks_below(tmp_path / "sweep")
    os.kill(rank, signal.SIGKILL)
    process.communicate(timeout=60)
    (folder,) = tmp_path.glob("sweep/0-*/best")
    events = EventAccumulator(str(folder)).Reload()
    content = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    session = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info
    assert session.hparams["outcome"].string_value == "failed"
    assert events.Tensors("ink_f1")
