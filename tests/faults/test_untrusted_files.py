"""Untrusted datasets, checkpoints, run folders and configs run no code."""

import ast
import json
import os
from pathlib import Path

import numpy as np
import pytest
import yaml
from programs import REPOSITORY, Run
from small_runs import SMALL_UNET

NO_CODE = "nothing of it is run"

DANGEROUS = {"pickle.load", "pickle.loads", "dill.load", "joblib.load", "yaml.load", "eval", "exec", "marshal.loads"}


def calls(file: Path) -> list[tuple[str, ast.Call]]:
    tree = ast.parse(file.read_text())
    return [(ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


@pytest.mark.fault(
    "a pickle or YAML tag in a dataset, cache or run folder", "nothing there is ever unpickled or evaluated"
)
@pytest.mark.parametrize("package", ["data", "models", "engine"])
def test_nothing_unpickles_or_evaluates(package: str):
    for file in (REPOSITORY / package).rglob("*.py"):
        for name, call in calls(file):
            if name == "yaml.load":  # in C it has no function of its own
                name = "yaml.safe_load" if [ast.unparse(each) for each in call.args[1:]] == ["SafeLoader"] else name
            assert name not in DANGEROUS, f"{file.name}:{call.lineno} {name}"
            if name in ("np.load", "numpy.load"):
                options = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
                assert options.get("allow_pickle", "False") == "False", f"{file.name}:{call.lineno}"


class Evil:
    """Leaves a file where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.mark),)


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.fault("a pickle in the place of a cached array", NO_CODE)
def test_a_pickled_array_in_the_cache(run: Run, tmp_path: Path):
    overrides = (*SMALL_UNET, "trainer.train_steps=2", "trainer.validation_interval=2", "dataset.cache_dir=cache")
    assert run(*overrides, cwd=tmp_path).returncode == 0
    arrays = list((tmp_path / "cache").rglob("*.npy"))
    assert arrays
    for array in arrays:
        np.save(array, np.array([Evil(tmp_path / "owned")], object), allow_pickle=True)
    done = run(*overrides, "resume=false", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "owned").exists()


EVIL_CONFIG = """
task: {name: cleaner, metric: psnr, better: higher, _target_: os.mkdir}
model: {name: unet, batch_size: 3, _target_: os.mkdir, learning_rate: '${oc.decode:"0.5"}'}
dataset: {name: cedar, root: '${oc.env:SECRET}/x', cache_dir: 'c${${a}}', download: '${hydra.verbose}'}
trainer: {train_steps: '${model.batch_size}', early_stopping: '${eval:1}'}
hardware: {name: cpu, device: cpu, threads: 2}
inspect: {output: '${oc.env:SECRET}'}
export_dir: '${oc.env:SECRET}'
seed: 3
mode: predict
run_dir: '${oc.env:SECRET}'
hydra: {sweeper: {_target_: os.mkdir}, callbacks: {a: {_target_: os.mkdir}}, searchpath: [file:///evil]}
defaults: [/evil]
"""


def stranger(folder: Path, config: str, overrides: str = "[]") -> Path:
    (folder / ".hydra").mkdir(parents=True)
    (folder / ".hydra" / "config.yaml").write_text(config)
    (folder / ".hydra" / "overrides.yaml").write_text(overrides)
    (folder / "run.json").write_text(
        json.dumps({"status": "done", "settings": {}, "overrides": yaml.safe_load(overrides)})
    )
    return folder


@pytest.mark.fault("a run folder whose config starts programs, calls resolvers or names Hydra's own settings", NO_CODE)
def test_a_strangers_run_folder(run: Run, tmp_path: Path):
    stranger(tmp_path / "theirs", EVIL_CONFIG)
    whole = run("run_dir=theirs", "--cfg", "all", cwd=tmp_path).stdout
    overrides = ("run_dir=theirs", "trainer.validation_interval=1")
    done = run(*overrides, "--cfg", "job", "--resolve", cwd=tmp_path, SECRET="s3")
    assert done.returncode == 0, done.stderr
    config = yaml.safe_load(done.stdout)
    assert (config["seed"], config["task"]["metric"], config["model"]["batch_size"]) == (3, "psnr", 3)
    assert (config["trainer"]["train_steps"], config["hardware"]["threads"]) == (3, 2)
    assert (config["mode"], config["run_dir"]) == ("train", "theirs")
    assert "s3" not in done.stdout
    assert "os.mkdir" not in whole
    assert "evil" not in whole
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("note: theirs: left out of its settings: ")
    for key in ("dataset.root", "dataset.cache_dir", "dataset.download", "export_dir", "hydra"):
        assert f" {key}" in done.stderr


@pytest.mark.fault("a run folder whose recorded overrides start programs", NO_CODE)
@pytest.mark.parametrize(
    "text",
    [
        "hydra.sweeper._target_=os.mkdir",
        "hydra/launcher=evil",
        "+dataset._target_=os.mkdir",
        "++hydra.callbacks.a._target_=os.mkdir",
        "--config-dir=evil",
        "-m",
        "dataset.root=${oc.env:HOME}",
    ],
)
def test_recorded_overrides_choose_settings_alone(text: str):
    from engine.runs.run_settings import harmless

    assert list(harmless(["seed=3", text, 7])) == ["seed=3"]


@pytest.mark.fault("a run folder whose config is YAML that makes objects, or is none", NO_CODE)
@pytest.mark.parametrize(
    "config",
    [
        "task: !!python/object/apply:os.mkdir [owned]",
        "task: [",
        "task: {name: cleaner}\nmodel: {name: unet, batch_size: many}\ndataset: {name: cedar}",
        "\xff\xfe",
        "task: {name: cleaner}\nmodel: {name: gone}\ndataset: {name: cedar}",
    ],
)
def test_a_strangers_yaml(run: Run, tmp_path: Path, config: str):
    stranger(tmp_path / "theirs", config)
    done = run("mode=eval", "run_dir=theirs", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "bug in the program" not in done.stderr
    assert not (tmp_path / "owned").exists()


@pytest.mark.slow
@pytest.mark.fault("a run folder whose files are links to a user's", "they are not written through")
@pytest.mark.parametrize("name", [".lock", "train.log", "run.json"])
def test_links_in_a_strangers_run_folder(run: Run, tmp_path: Path, name: str):
    folder = stranger(tmp_path / "theirs", "task: {name: cleaner}\nmodel: {name: unet}\ndataset: {name: synthetic}")
    (tmp_path / "mine").write_text('{"status": "done", "overrides": []}')
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(tmp_path / "mine")
    overrides = (
        "trainer.train_steps=2",
        "trainer.validation_interval=2",
        "dataset.writers=3",
        "dataset.held_out_writers=1",
    )
    run("run_dir=theirs", *overrides, "dataset.noise_layers=4", "dataset.samples_per_writer=2", cwd=tmp_path)
    assert (tmp_path / "mine").read_text() == '{"status": "done", "overrides": []}'
