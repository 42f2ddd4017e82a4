"""The median rule, on histories of trials on disk, and in a sweep."""

import csv
import json
import math
from pathlib import Path

import pytest
from programs import Run
from small_runs import FEW_STEPS, SMALL_UNET

from engine.training.callbacks.pruning import MedianRule


def trial(sweep: Path, name: str, *values: float) -> list[dict[str, float]]:
    history = [{"step": 10 * (number + 1), "ink_f1": value} for number, value in enumerate(values)]
    (sweep / name).mkdir()
    (sweep / name / "run.json").write_text(json.dumps({"history": history}))
    return history


def rule(sweep: Path, higher: bool = True, after: int = 1) -> MedianRule:
    return MedianRule(sweep / "mine", "ink_f1", higher, after)


def test_a_trial_below_the_median_is_beaten_and_one_above_is_not(tmp_path: Path):
    for name, value in (("0", 0.1), ("1", 0.5), ("2", 0.9)):
        trial(tmp_path, name, value)
    assert rule(tmp_path)([{"step": 10, "ink_f1": 0.4}])
    assert not rule(tmp_path)([{"step": 10, "ink_f1": 0.6}])
    assert rule(tmp_path, higher=False)([{"step": 10, "ink_f1": 0.6}])
    assert not rule(tmp_path, after=2)([{"step": 10, "ink_f1": 0.4}])
    assert not rule(tmp_path, after=0)([{"step": 10, "ink_f1": 0.4}])


def test_the_best_so_far_counts_and_only_of_trials_that_came_as_far(tmp_path: Path):
    trial(tmp_path, "0", 0.5, 0.9)
    trial(tmp_path, "1", 0.5, 0.9)
    trial(tmp_path, "2", 0.99)
    assert not rule(tmp_path)([{"step": 10, "ink_f1": 0.95}, {"step": 20, "ink_f1": 0.1}])
    assert rule(tmp_path)([{"step": 10, "ink_f1": 0.5}, {"step": 20, "ink_f1": 0.8}])


def test_one_other_is_no_median_and_no_number_is_no_value(tmp_path: Path):
    trial(tmp_path, "0", 0.9)
    assert not rule(tmp_path)([{"step": 10, "ink_f1": 0.1}])
    trial(tmp_path, "1", math.nan)
    assert not rule(tmp_path)([{"step": 10, "ink_f1": 0.1}])
    trial(tmp_path, "2", 0.9)
    assert rule(tmp_path)([{"step": 10, "ink_f1": 0.1}])
    assert not rule(tmp_path)([{"step": 10, "ink_f1": math.nan}])


def test_its_own_folder_is_no_other(tmp_path: Path):
    own = trial(tmp_path, "mine", 0.1)
    trial(tmp_path, "0", 0.9)
    assert not rule(tmp_path)(own)


@pytest.mark.slow
def test_a_hopeless_trial_of_a_sweep_ends_early(run: Run, tmp_path: Path):
    # One at a time, the hopeless one last: a rate of 1e-9 learns nothing.
    arguments = ("-m", *SMALL_UNET, *FEW_STEPS, "model.learning_rate=8e-3,9e-3,1e-9", "trainer.prune_after=1")
    done = run(*arguments, "hydra.launcher.slots=1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (sweep,) = (tmp_path / "outputs" / "cleaner").iterdir()
    with open(sweep / "leaderboard.csv") as file:
        outcomes = {row["trial"]: row["outcome"] for row in csv.DictReader(file)}
    assert outcomes["2"] == "pruned"
    assert outcomes["0"] == "done"
    metadata = json.loads((next(sweep.glob("2-*")) / "run.json").read_text())
    assert [entry["step"] for entry in metadata["history"]] == [10]


@pytest.mark.slow
def test_the_study_of_a_search_gives_a_hopeless_trial_of_two_ranks_up(run: Run, tmp_path: Path):
    optuna = pytest.importorskip("optuna", reason="no Optuna here: pip install optuna")
    arguments = (
        "-m",
        *(*SMALL_UNET, *FEW_STEPS, "hardware=cpu2", "hardware.threads=1", "trainer.checkpoint_interval=20"),
        *("hydra/sweeper=study", "model.learning_rate=interval(1e-10,1e-2)"),
        *("hydra.sweeper.n_trials=2", "hydra.sweeper.n_jobs=1"),
        "hydra.sweeper.enqueue=['model.learning_rate=8e-3','model.learning_rate=1e-9']",
        "hydra.sweeper.pruner={_target_: optuna.pruners.MedianPruner, n_startup_trials: 1}",
    )
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (sweep,) = (tmp_path / "outputs" / "cleaner").iterdir()
    with open(sweep / "leaderboard.csv") as file:
        outcomes = {row["trial"]: row["outcome"] for row in csv.DictReader(file)}
    assert outcomes == {"0": "done", "1": "pruned"}
    trials = optuna.load_study(study_name="sweep", storage=f"sqlite:///{sweep}/study.db").trials
    assert [trial.state.name for trial in trials] == ["COMPLETE", "PRUNED"]
    histories = [json.loads((next(sweep.glob(f"{trial}-*")) / "run.json").read_text())["history"] for trial in "01"]
    assert [[entry["step"] for entry in history] for history in histories] == [[10, 20], [10]]
    for trial, history in zip(trials, histories, strict=True):
        assert list(trial.intermediate_values.values()) == [entry["ink_f1"] for entry in history]
    assert list(next(sweep.glob("1-*")).glob("checkpoints/ckpt-10.index"))  # it was not yet due
