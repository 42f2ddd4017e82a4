"""Old runs: composed from their own config, whatever has changed in conf/, and named by any path."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from programs import REPOSITORY, Run, users_environment
from small_runs import SMALL_UNET

from data.commands import override
from engine.runs.run_folder import read_metadata

pytestmark = pytest.mark.slow

RECIPE = """# @package _global_
defaults:
  - override /task: cleaner
  - override /dataset: synthetic
  - override /model: {model}

trainer:
  train_steps: {steps}
  validation_interval: 2
  image_summaries: 2
model:
  batch_size: 2
  {more}
dataset: {{writers: {writers}, held_out_writers: 2, samples_per_writer: 3, variants: 2, noise_layers: 16}}
"""
SMALL_MODEL = "filters: [8, 8]\n  optimizer: adam\n  window: 64"


@pytest.fixture(scope="module")
def recipes(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `mine/experiment/own.yaml`, and a run of it, after which the recipe has been edited."""
    cwd = tmp_path_factory.mktemp("recipes")
    recipe = cwd / "mine" / "experiment" / "own.yaml"
    recipe.parent.mkdir(parents=True)
    recipe.write_text(RECIPE.format(model="unet", steps=2, writers=6, more=SMALL_MODEL))
    done = run("--config-dir", "mine", "experiment=own", "dataset.cache_dir=cache", "run_dir=run", cwd=cwd)
    assert done.returncode == 0, done.stderr
    recipe.write_text(RECIPE.format(model="autoencoder", steps=4, writers=9, more="filters: [4, 4]"))
    return cwd


@pytest.fixture
def copy(recipes: Path, tmp_path: Path) -> Path:
    shutil.copytree(recipes, tmp_path / "copy")
    return tmp_path / "copy"


WITH_RECIPE = ("--config-dir", "mine", "experiment=own")


def job(run: Run, cwd: Path, *arguments: str) -> dict:
    done = run(*arguments, "--cfg", "job", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)


def recipe_meets(fate: str, copy: Path) -> None:
    """The recipe has been edited; it may be deleted too."""
    if fate == "deleted":
        (copy / "mine" / "experiment" / "own.yaml").unlink()


@pytest.mark.parametrize("given", [(), ("--config-dir", "mine"), WITH_RECIPE], ids=["alone", "folder", "recipe"])
@pytest.mark.parametrize("fate", ["edited", "deleted"])
def test_an_edited_or_deleted_recipe_changes_no_setting(run: Run, copy: Path, given: tuple[str, ...], fate: str):
    recipe_meets(fate, copy)
    recorded = yaml.safe_load((copy / "run/.hydra/config.yaml").read_text())
    for mode in ("train", "eval", "export"):
        assert job(run, copy, *given, f"mode={mode}", "run_dir=run") == {**recorded, "mode": mode}


@pytest.mark.parametrize(("given", "fate"), [(WITH_RECIPE, "edited"), ((), "deleted")], ids=["edited", "deleted"])
def test_a_run_of_an_edited_or_deleted_recipe_is_used(run: Run, copy: Path, given: tuple[str, ...], fate: str):
    recipe_meets(fate, copy)
    before = read_metadata(copy / "run")
    evaluated = run(*given, "mode=eval", "run_dir=run", cwd=copy)
    assert evaluated.returncode == 0, evaluated.stderr
    metrics = json.loads((copy / "run/eval_synthetic.json").read_text())["metrics"]
    assert metrics["ink_f1"] == pytest.approx(before["metrics"]["ink_f1"], abs=2e-3)
    exported = run(*given, "mode=export", "run_dir=run", "export_dir=new", cwd=copy)
    assert exported.returncode == 0, exported.stderr
    resumed = run(*given, "run_dir=run", cwd=copy)
    assert resumed.returncode == 0, resumed.stderr
    after = read_metadata(copy / "run")
    assert after["settings"] == before["settings"]
    assert after["history"] == before["history"]


def test_overrides_and_groups_come_on_top(run: Run, recipes: Path):
    config = job(run, recipes, "run_dir=run", "model.learning_rate=0.5", "hardware=cpu2", "trainer.train_steps=9")
    assert (config["model"]["learning_rate"], config["model"]["filters"]) == (0.5, [8, 8])
    assert (config["hardware"]["processes"], config["trainer"]["train_steps"]) == (2, 9)
    assert config["dataset"]["writers"] == 6
    config = job(run, recipes, "run_dir=run", "mode=eval", "dataset=cedar", "dataset.variants=3")
    assert (config["dataset"]["name"], config["dataset"]["variants"]) == ("cedar", 3)
    assert config["dataset"]["root"] == "data/raw/cedar"
    assert (config["model"]["filters"], config["trainer"]["image_summaries"]) == ([8, 8], 2)
    config = job(run, recipes, "run_dir=run", "mode=eval", "dataset=synthetic")
    assert config["dataset"]["writers"] == 192
    config = job(run, recipes, "run_dir=run", "dataset=synthetic", "model=unet", "task=cleaner")  # training goes on
    assert (config["dataset"]["writers"], config["model"]["filters"]) == (6, [8, 8])


def test_another_recipe_is_for_a_new_run(run: Run, recipes: Path):
    done = run("run_dir=run", "experiment=quickstart", cwd=recipes)
    assert done.returncode == 1
    assert done.stderr.startswith("error: experiment: run keeps the settings that it was trained with")


def test_keys_that_came_and_went(run: Run, copy: Path):
    file = copy / "run" / ".hydra" / "config.yaml"
    config = yaml.safe_load(file.read_text())
    config["model"]["of_old"] = 3
    config["glance"] = {"a": 1}
    del config["model"]["convolutions"], config["trainer"]["early_stopping"], config["inspect"]
    file.write_text(yaml.safe_dump(config))
    done = run("run_dir=run", "--cfg", "job", cwd=copy)
    assert done.stderr == "note: run: left out of its settings: glance, model.of_old\n"
    now = yaml.safe_load(done.stdout)
    assert (now["model"]["convolutions"], now["trainer"]["early_stopping"], now["inspect"]["samples"]) == (2, 0, 12)
    assert run("mode=eval", "run_dir=run", cwd=copy).returncode == 0


def test_a_config_file_of_a_group_that_is_gone(run: Run, copy: Path):
    """A group's option may have had another name, or a folder of its own."""
    for group in ("dataset", "model", "hardware"):
        (copy / "conf" / group).mkdir(parents=True)
        (copy / "conf" / group / "named.yaml").write_text(
            (REPOSITORY / "conf" / group)
            .joinpath({"dataset": "synthetic", "model": "unet", "hardware": "cpu"}[group] + ".yaml")
            .read_text()
        )
    options = ("--config-dir", "conf")
    arguments = ("dataset=named", "model=named", "hardware=named", *SMALL_UNET[1:], "trainer.train_steps=2")
    done = run(*options, *arguments, "trainer.validation_interval=2", "run_dir=other", cwd=copy)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(copy / "conf")
    assert job(run, copy, "mode=eval", "run_dir=other")["model"]["filters"] == [8, 8]
    done = run(*arguments, "run_dir=other", "trainer.validation_interval=2", cwd=copy)
    assert "named is not an option" in done.stderr or done.returncode == 0


def test_a_moved_run_takes_its_export_along(run: Run, copy: Path):
    (copy / "run").rename(copy / "moved")
    done = run("mode=export", "run_dir=moved", cwd=copy)
    assert done.returncode == 0, done.stderr
    assert not (copy / "run").exists()


def test_a_variable_of_the_environment_is_kept_as_it_was(run: Run, copy: Path):
    arguments = ("run_dir=other", "dataset.cache_dir=${oc.env:CACHE}/x", "trainer.train_steps=2")
    done = run(*SMALL_UNET, *arguments, "trainer.validation_interval=2", cwd=copy, CACHE=str(copy / "cache"))
    assert done.returncode == 0, done.stderr
    done = run("mode=eval", "run_dir=other", "--cfg", "job", cwd=copy)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert yaml.safe_load(done.stdout)["dataset"]["cache_dir"] == str(copy / "cache" / "x")


def test_several_runs_are_evaluated_one_by_one(run: Run, copy: Path):
    shutil.copytree(copy / "run", copy / "b=2, c")
    done = run("-m", "mode=eval", "run_dir=run,'b=2, c'", cwd=copy)
    assert done.returncode == 0, done.stderr
    assert (copy / "run" / "eval_synthetic.json").is_file()
    assert (copy / "b=2, c" / "eval_synthetic.json").is_file()
    done = run("-m", "mode=eval", "run_dir=gone,run", cwd=copy)
    assert done.returncode == 1
    assert done.stderr.startswith("error: run_dir: there is no run in gone")
    assert "report   run/eval_synthetic.json" in done.stdout
    assert not (copy / "outputs").exists()


ODD = "odd [x] *? ü=,\"'$H ${a} \\b\nnew"


@pytest.mark.fault(
    "spaces, quotes, brackets, =, $ and a line break in every path", "trains, exports, predicts, resumes"
)
def test_odd_paths_work_to_the_end(run: Run, tmp_path: Path):
    """And the commands that are printed can be pasted, from where they are printed."""
    cwd = tmp_path / ODD.replace("\\b", "b")
    (cwd / "scans").mkdir(parents=True)
    shutil.copy(REPOSITORY / "docs" / "cleaner.png", cwd / "scans" / "my_scan [1].png")
    shutil.copy(REPOSITORY / "docs" / "cleaner.png", cwd / "my_scan.png")
    (cwd / "linked.py").symlink_to(REPOSITORY / "train.py")
    arguments = [*SMALL_UNET, "trainer.train_steps=2", "trainer.validation_interval=2"]
    arguments += [override("dataset.cache_dir", cwd / "ca[c]he"), override("run_dir", ODD)]

    def call(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "linked.py", *arguments], cwd=cwd, env=users_environment(), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    printed = call(*arguments)
    run_dir = cwd / ODD
    assert read_metadata(run_dir)["status"] == "done"
    following = re.search(r"^next     (.*)", printed, re.MULTILINE | re.DOTALL)[1]
    assert shlex.split(following)[1:3] == ["linked.py", "mode=predict"]
    subprocess.run(["bash", "-ec", following], cwd=cwd, env=users_environment(), check=True, capture_output=True)
    assert (run_dir / "predictions" / "my_scan_cleaned.png").is_file()
    call("mode=predict", arguments[-1], override("predict.input", cwd / "scans"), 'predict.output="o[u]t"')
    assert (cwd / "o[u]t" / "my_scan [1]_cleaned.png").is_file()
    call("mode=export", arguments[-1], override("export_dir", "ex[p]ort"))
    call("mode=eval", arguments[-1], override("export_dir", "ex[p]ort"))
    assert "from step 2" in call(arguments[-1], "trainer.train_steps=4")
    repeat = json.loads((run_dir / "run.json").read_text())["repeat"]
    assert override("dataset.cache_dir", cwd / "ca[c]he") in shlex.split(repeat)


def test_a_dataset_in_an_odd_folder(run: Run, tmp_path: Path):
    root = tmp_path / "own [scans] ü=1"
    for writer in "abc":
        (root / writer).mkdir(parents=True)
        for number in range(2):
            shutil.copy(REPOSITORY / "docs" / "cleaner.png", root / writer / f"{writer} [{number}].png")
    arguments = ("dataset=signatures", 'dataset.root="own [scans] ü=1"', "dataset.synthetic_writers=0")
    done = run("mode=prepare", *arguments, "dataset.variants=2", "dataset.noise_layers=4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    following = re.search(r"^next     (.*)", done.stdout, re.MULTILINE)[1]
    assert 'dataset.root="own [scans] ü=1"' in shlex.split(following)


def test_a_tilde_in_quotes_is_the_home_folder(run: Run, recipes: Path):
    done = run("mode=eval", 'run_dir="~/run"', cwd=recipes, HOME=str(recipes))
    assert done.returncode == 0, done.stderr
    assert not (recipes / "~").exists()


def test_the_same_command_resumes_a_run_after_its_recipe_was_edited(run: Run, copy: Path):
    (copy / "outputs" / "cleaner").mkdir(parents=True)
    run_dir = copy / "outputs" / "cleaner" / "a"
    shutil.copytree(copy / "run", run_dir)
    record = read_metadata(run_dir)
    record |= {"status": "interrupted", "overrides": ["experiment=own"]}
    (run_dir / "run.json").write_text(json.dumps(record))
    done = run(*WITH_RECIPE, cwd=copy)
    assert done.returncode == 0, done.stderr
    assert "resume   outputs/cleaner/a from step 2" in done.stdout
    assert read_metadata(run_dir)["settings"] == record["settings"]
