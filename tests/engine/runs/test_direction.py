"""The direction of a metric follows from the metric alone, everywhere."""

import json
import os
import shutil
from pathlib import Path

import pytest
from composing import composed
from omegaconf import OmegaConf
from programs import Run
from small_runs import SMALL_UNET, TRAINED_DETECTOR

from data.errors import UserError
from engine.runs.direction import recorded_goals, settle
from engine.tasks import direction_of, task_class
from engine.training.goal import Goal
from engine.trials import check_trial
from engine.validation import accept_config

SHORT = ("trainer.train_steps=30", "trainer.validation_interval=10", "trainer.steps_per_loop=5")
METRICS_OF = {task: list(task_class(task).metrics) for task in ("cleaner", "detector")}
EVERY = [(task, metric) for task, metrics in METRICS_OF.items() for metric in metrics]
OTHER = {"higher": "lower", "lower": "higher"}


def of(task: str, metric: str, *overrides: str):
    return composed(f"task={task}", "dataset=synthetic", f"task.metric={metric}", *overrides)


@pytest.mark.fault("task.better against task.metric, in a run, a sweep or a study", "one line before anything starts")
@pytest.mark.parametrize(("task", "metric"), EVERY)
def test_the_direction_follows_the_metric_and_a_contradiction_is_refused(task: str, metric: str):
    right = "lower" if metric in ("rmse", "loss") else "higher"
    config = of(task, metric)
    assert config.task.better == right == direction_of(task, metric)
    accept_config(config)
    accept_config(of(task, metric, f"task.better={right}"))
    with pytest.raises(UserError, match=f"{OTHER[right]} contradicts task.metric={metric}") as refused:
        accept_config(of(task, metric, f"task.better={OTHER[right]}"))
    assert refused.value.what == "task.better"


def test_the_first_metric_is_the_default_one():
    for task, metrics in METRICS_OF.items():
        assert composed(f"task={task}").task.metric == next(iter(metrics))


@pytest.mark.parametrize(
    ("sweeper", "launcher", "key"),
    [
        ({"direction": "minimize"}, {"better": "higher"}, "hydra.sweeper.direction"),
        ({"direction": "lower"}, {"better": "higher"}, "hydra.sweeper.direction"),
        ({}, {"better": "lower"}, "hydra.launcher.better"),
    ],
)
def test_sweeper_and_launcher_cannot_go_the_other_way(sweeper: dict, launcher: dict, key: str):
    config = composed()
    OmegaConf.set_struct(config, False)
    config.hydra = {"sweeper": sweeper, "launcher": launcher}
    with pytest.raises(UserError, match="leave it out") as refused:
        check_trial(config)
    assert refused.value.what == key
    config.hydra = {"sweeper": {"direction": "maximize"}, "launcher": {"better": "higher"}}
    check_trial(config)


def test_a_metric_that_an_evaluation_lacks_does_not_count():
    goal = Goal("AP50_date", higher_is_better=True)
    history = [{"step": 1, "AP": 0.5}, {"step": 2, "AP50_date": float("nan")}, {"step": 3, "AP50_date": 0.0}]
    assert goal.best(history) is history[2]
    assert goal.best(history[:2]) is None
    errors = [{"step": step, "rmse": 3 - step % 2} for step in (1, 2, 3)]
    assert [entry["step"] for entry in Goal("rmse", higher_is_better=False).ranked(errors)] == [1, 3, 2]


def old_run(folder: Path, metric: str, better: str, place: str = "config") -> Path:
    (folder / ".hydra").mkdir(parents=True)
    task = {"task": {"name": "cleaner", "metric": metric, "better": better}}
    (folder / ".hydra/config.yaml").write_text(OmegaConf.to_yaml(task) if place == "config" else "{")
    (folder / "run.json").write_text(json.dumps({"settings": task if place == "record" else {}}))
    return folder


@pytest.mark.parametrize("place", ["config", "record"])
def test_an_old_run_is_put_right_and_said_so(tmp_path: Path, place: str):
    run = old_run(tmp_path / "run", "rmse", "higher", place)
    for overrides in ((), ("task.better=higher",)):
        config = of("cleaner", "rmse", f"run_dir={run}", *overrides)
        said = settle(config, given=bool(overrides))
        assert said == (
            f"{run}: recorded with task.better=higher, but lower values of rmse are better, and count as such"
        )
        assert config.task.better == "lower"
        accept_config(config)


def test_the_direction_of_an_old_run_does_not_outlive_its_metric(tmp_path: Path):
    run = old_run(tmp_path / "run", "ink_f1", "higher")
    config = of("cleaner", "rmse", f"run_dir={run}", "task.better=higher")
    assert settle(config, given=False) is None  # it came from the record
    assert config.task.better == "lower"
    config = of("cleaner", "rmse", f"run_dir={run}", "task.better=higher")
    settle(config, given=True)
    with pytest.raises(UserError, match="contradicts"):
        accept_config(config)


@pytest.mark.parametrize("text", ["[", "- 1", "task: 3", "task: {metric: 1, better: [x]}", "task: {}", "\x00"])
def test_a_broken_record_says_nothing(tmp_path: Path, text: str):
    (tmp_path / ".hydra").mkdir()
    (tmp_path / ".hydra/config.yaml").write_text(text)
    (tmp_path / "run.json").write_text("[1]")
    assert recorded_goals(tmp_path) == []


REFUSED = {
    "task.metric=rmse task.better=higher": "task.better: higher contradicts task.metric=rmse",
    "-m task.metric=rmse task.better=higher seed=1,2": "task.better: higher contradicts task.metric=rmse",
    "-m task.better=lower seed=1,2": "task.better: lower contradicts task.metric=ink_f1",
    "-m hydra.launcher.better=lower seed=1,2": "hydra.launcher.better: lower contradicts task.metric=ink_f1",
    "-m hydra.launcher.better=lower hydra.launcher.dry_run=true seed=1,2": (
        "hydra.launcher.better: lower contradicts task.metric=ink_f1"
    ),
    "-m task.metric=nonsense seed=1,2": "task.metric: nonsense is not a value that it takes",
    "-m task.metric=ink_f1,psnr": "sweep them separately, once with task.metric=ink_f1, once with task.metric=psnr",
    "-m task.metric=ssim,psnr hydra.sweeper.max_batch_size=1": "task.metric: ssim and psnr cannot be ranked together",
    "-m task=cleaner,detector": "task.name: cleaner and detector cannot be ranked together",
    "-m experiment=quickstart,quickstart_detector seed=1,2": (
        "once with experiment=quickstart, once with experiment=quickstart_detector"
    ),
    "-m task.better=lower,higher": "task.better: lower contradicts task.metric=ink_f1",
    "-m hydra/sweeper=study hydra.sweeper.direction=minimize model.learning_rate=interval(1e-3,1e-2)": (
        "hydra.sweeper.direction: lower contradicts task.metric=ink_f1"
    ),
    "-m hydra/sweeper=study task.metric=choice(rmse,loss)": "task.metric: rmse and loss cannot be ranked together",
    "-m experiment=quickstart,sweep_cleaner": (
        "experiment=sweep_cleaner defines a sweep of model.learning_rate, model.batch_size, model.filters itself"
    ),
    "-m experiment=quickstart,optuna_cleaner": "run it alone: -m experiment=optuna_cleaner",
}


@pytest.mark.fault("a sweep of tasks, metrics or recipes that cannot be ranked together", "one line, and no trial")
@pytest.mark.parametrize("overrides", REFUSED)
def test_what_cannot_be_ranked_is_refused_in_one_line_and_leaves_nothing(run: Run, tmp_path: Path, overrides: str):
    done = run(*overrides.split(), cwd=tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert REFUSED[overrides] in line
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def trained(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("direction")
    done = run(*SMALL_UNET, *SHORT, "task.metric=rmse", "run_dir=run", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "run"


@pytest.mark.slow
def test_the_lowest_error_is_the_best_evaluation(trained: Path):
    metadata = json.loads((trained / "run.json").read_text())
    best = min(metadata["history"], key=lambda entry: entry["rmse"])
    assert metadata["metrics"] == best
    assert (trained / f"checkpoints/best/step-{best['step']}.index").is_file()


@pytest.mark.slow
@pytest.mark.fault("an old run whose direction was not its metric's", "a line, and the best weights that are left")
def test_an_old_run_is_exported_and_resumed_the_right_way_round(run: Run, trained: Path, tmp_path: Path):
    shutil.copytree(trained, tmp_path / "run")
    file = tmp_path / "run/.hydra/config.yaml"
    config = OmegaConf.load(file)
    config.task.better = "higher"
    OmegaConf.save(config, file)
    record = tmp_path / "run/run.json"
    metadata = json.loads(record.read_text())
    metadata["settings"]["task"]["better"] = "higher"
    for entry, error in zip(metadata["history"], (0.3, 0.1, 0.2), strict=True):
        entry["rmse"] = error
    record.write_text(json.dumps(metadata))
    best = tmp_path / "run/checkpoints/best"
    for part in list(best.iterdir()):
        os.rename(part, best / f"step-10{part.name[part.name.index('.') :]}")
    for part in (tmp_path / "run/checkpoints").glob("ckpt-20.*"):
        part.unlink()
    exported = run("mode=export", "run_dir=run", cwd=tmp_path)
    assert exported.returncode == 0, exported.stderr
    said = "recorded with task.better=higher, but lower values of rmse are better"
    assert exported.stdout.count(said) == 1
    assert "the weights of step 20, the best, are gone; those of step 30 are used" in exported.stdout
    resumed = run("run_dir=run", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout.count(said) == 1
    assert json.loads(record.read_text())["metrics"]["step"] == 20
    again = run("mode=export", "run_dir=run", cwd=tmp_path)
    assert "recorded" not in again.stdout


@pytest.mark.slow
def test_a_sweep_over_recipes_is_named_by_them_and_lies_where_its_trials_say(run: Run, tmp_path: Path):
    few = ("trainer.train_steps=2", "trainer.validation_interval=2", "trainer.minutes=0", "trainer.image_summaries=0")
    recipes = "experiment=detector_pretrain,quickstart_detector"
    done = run("-m", recipes, *TRAINED_DETECTOR, *few, 'model.init_from=""', cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [folder.name for folder in (tmp_path / "outputs").iterdir()] == ["detector"]
    (sweep,) = (tmp_path / "outputs/detector").iterdir()
    names = {folder.name for folder in sweep.iterdir() if (folder / "run.json").is_file()}
    assert names == {"0-experiment_detector_pretrain", "1-experiment_quickstart_detector"}
    header, first, second = (row.split(",") for row in (sweep / "leaderboard.csv").read_text().splitlines())
    assert header[:4] == ["rank", "trial", "experiment", "AP"]
    assert float(first[3]) >= float(second[3])
