"""The arguments of train.py: refused ones and their messages, help, and the printed config."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from programs import REPOSITORY, Run

from engine.cli.hydra_errors import OTHER_NAMES
from engine.option_files import OptionFiles

REFUSALS = {
    "misspelt key": (
        ("trainer.train_stpes=100",),
        "trainer.train_stpes: no such key. Did you mean trainer.train_steps?",
    ),
    "unknown key": (("colour=red",), "colour: no such key (top level has dataset, "),
    "added key": (("+model.colour=1",), "model.colour: no such key"),
    "type": (
        ("model.batch_size=many",),
        "model.batch_size: many is not a value that it takes (a whole number 1 to 4096)",
    ),
    "type of a switch": (
        ("deterministic=perhaps",),
        "deterministic: perhaps is not a value that it takes (true | false)",
    ),
    "range": (
        ("model.learning_rate=0",),
        "model.learning_rate: 0.0 is not a value that it takes (above 0, 10 at most)",
    ),
    "range in a list": (("model.filters=[8,0]",), "model.filters: 0 is not a value that it takes (1 to 4096)"),
    "choice": (("mode=fly",), "mode: fly is not a value that it takes (train | eval | export | predict | prepare"),
    "option": (
        ("dataset=mnist",),
        "dataset: mnist is not an option (dataset=cedar | crops | mixture | pages | signatures | ",
    ),
    "task with dataset": (("task=detector", "dataset=cedar"), "dataset: cedar does not go with task=detector"),
    "task with model": (("task=detector", "model=unet"), "model: unet does not go with task=detector"),
    "key of another model": (("model=unet", "model.dropout=0.1"), "model.dropout: not a key of the model chosen here"),
    "split": (("dataset=synthetic", "dataset.held_out_writers=192"), "dataset.held_out_writers: 192 held out of 192"),
    "metric": (("task.metric=beauty",), "task.metric: beauty is not a value that it takes (ink_f1 | "),
    "block": (("model.block_size=5",), "model.block_size: 224 pixels cannot be cut into blocks of 5"),
    "depth": (("model.filters=[8,8,8,8,8]",), "model.filters: 5 levels on blocks of 4 need a picture"),
    "predict without input": (("mode=predict", "export_dir=x"), "predict.input: mode=predict needs"),
    "eval without run": (("mode=eval",), "run_dir: mode=eval needs the folder of a trained run"),
    "eval of no run": (("mode=eval", "run_dir=nowhere"), "run_dir: there is no run in nowhere"),
    "grammar": (("seed",), "seed: not of the form key=value"),
    "no key": (("=3",), "=3: not of the form key=value"),
    "no such option": (("--bogus",), "--bogus: no such option"),
    "option without value": (("--cfg",), "--cfg: expected one argument"),
    "umlaut": (("dataset.root=/home/müller/x",), "dataset.root=/home/müller/x: Hydra takes ü only in quotes"),
    "equals sign": (("run_dir=outputs/a=b",), "run_dir=outputs/a=b: Hydra takes = only in quotes"),
    "tilde": (("dataset.root=~/scans",), "dataset.root=~/scans: Hydra takes ~ only in quotes"),
    "open quote": (('run_dir="x',), 'run_dir="x: unbalanced quotes or brackets'),
    "open bracket": (("model.filters=[8",), "model.filters=[8: unbalanced quotes or brackets"),
    "no recipe": (("experiment=null",), "experiment: null is not a recipe"),
    "recipe by number": (("experiment=3",), "experiment: 3 is not an option"),
    "added group": (("+experiment=quickstart",), "+experiment: it takes one option"),
    "placed group": (("dataset@x=cedar",), "dataset@x: dataset has no such place"),
    "added top-level key": (("++colour=1",), "colour: no such key"),
    "removed key": (("~seed",), "~seed: a key always has a value"),
    "removed nothing": (("~colour",), "~colour: there is nothing of that name"),
    "several values": (("seed=1,2,3",), "seed: has several values"),
    "interval": (
        ("model.learning_rate=interval(1e-3,1e-1)",),
        "model.learning_rate: only the study sweeper draws from interval(...)",
    ),
    "interval in a sweep": (("-m", "seed=interval(1,3)"), "seed: only the study sweeper draws from interval(...)"),
    "launcher": (("-m", "seed=1,2", "hydra/launcher=basic"), "hydra/launcher: basic is not used here"),
    "rerun": (("--experimental-rerun", "x.pickle"), "--experimental-rerun: a pickled config is not read here"),
    "Hydra's folder": (("hydra.run.dir=x",), "hydra.run.dir: is not used here"),
    "Hydra's chdir": (("hydra.job.chdir=true",), "hydra.job.chdir: is not used here"),
    "Hydra's key": (("hydra.foo=1",), "hydra.foo: no such key"),
    "run_dir of a sweep": (
        ("-m", "seed=1,2", "run_dir=mine"),
        "run_dir: each trial of a sweep has a folder",
    ),
    "export_dir of a sweep": (("-m", "seed=1,2", "export_dir=mine"), "export_dir: all trials of the sweep would write"),
    "base config of a sweep": (
        ("-m", "experiment=quickstart,sweep_cleaner_quick", "dataset.writers=8"),
        "dataset.writers: not a key of the dataset that Hydra composes first",
    ),
    "refers to itself": (("seed=${seed}",), "seed: its value refers to itself"),
    "refers to nothing": (("run_dir=a${nope}",), "run_dir: ${nope}: there is no key nope"),
    "unknown resolver": (("run_dir=${nope:1}",), "run_dir: ${nope:...}: there is no such resolver"),
    "unset variable": (("run_dir=${oc.env:NOPE}",), "run_dir: the variable NOPE is not set"),
    "nobody's home": (("run_dir='~nobody_of_that_name/x'",), "run_dir: ~nobody_of_that_name is nobody's home folder"),
    "no config folder": (("--config-dir", "gone"), "--config-dir: there is no folder gone"),
    "empty config folder": (("--config-dir", ""), "--config-dir: is empty"),
    "no config name": (("--config-name", "gone"), "--config-name: there is no config gone"),
    "a folder without the config": (("--config-path", "/dev"), "--config-path: /dev has no config.yaml"),
    "binding": (("hardware=cpu2", "hardware.binding=--x"), "hardware.binding: --x is neither none nor core"),
    "ranks without cards": (("hardware=hpu8", "hardware.devices=4"), "hardware.devices: 4 cards for 8 processes"),
}


@pytest.mark.parametrize(("arguments", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_wrong_arguments_get_one_line_and_leave_nothing(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], expected: str
):
    result = run(*arguments, cwd=tmp_path)
    first, *more = result.stderr.splitlines()
    assert first.startswith(f"error: {expected}")
    assert all(line.startswith("  ") for line in more)
    assert result.returncode == 1
    assert not list(tmp_path.rglob("*"))


PATHS = ("run_dir", "export_dir", "predict.output", "inspect.output", "dataset.root", "dataset.cache_dir")


@pytest.mark.fault("an option for a path whose variable is not set in the shell", "one line; nothing is written")
@pytest.mark.parametrize("key", [*PATHS, "hydra.sweep.dir", "hydra.sweep.subdir", "hydra.launcher.resume"])
@pytest.mark.parametrize("value", ["", "' '", '""', "${oc.env:NOT_SET,''}"])
def test_an_empty_path_is_refused(run: Run, tmp_path: Path, key: str, value: str):
    if key.startswith("hydra.") and "$" in value:
        pytest.skip("the launcher refuses it")
    arguments = ["-m", "seed=1,2"] if key.startswith("hydra.") else []
    result = run("dataset=cedar", *arguments, f"{key}={value}", cwd=tmp_path)
    assert result.stderr.startswith(f"error: {key}: is empty"), result.stderr
    assert result.returncode == 1
    assert not list(tmp_path.rglob("*"))


def test_an_empty_folder_of_a_sweep_by_interpolation(run: Run, tmp_path: Path):
    result = run("-m", "dataset=synthetic", "seed=1,2", "hydra.sweep.dir=${oc.env:NOT_SET,''}", cwd=tmp_path)
    assert result.returncode == 1
    assert "hydra.sweep.dir: is empty" in result.stderr
    assert not list(tmp_path.rglob("run.json"))


def test_what_is_printed_can_be_pasted(run: Run, tmp_path: Path):
    """Every remedy that writes an override anew is one that Hydra reads."""
    for odd in ("a=b", "/müller", "~/x", "(x)", "a;b", 'a"b"c', "a#b", "x!", "[a]b"):
        refused = run(f"run_dir={odd}", "mode=eval", cwd=tmp_path)
        remedy = refused.stderr.splitlines()[1].split("write  ")[1].split("  or  ")[-1]
        (word,) = shlex.split(remedy)
        again = run(word, "mode=eval", cwd=tmp_path)
        assert again.stderr.startswith("error: run_dir: there is no run in "), again.stderr


BAD_CONFIGS = {
    "not YAML": ("a: [1\nb: {", "bad.yaml:2: is not YAML"),
    "a tab": ("\ta: 1\n", "bad.yaml:1: is not YAML"),
    "no package": ("seed: 3\n", "experiment: the recipe's keys lie below `experiment`"),
    "a key twice": ("a: 1\na: 2\n", "bad.yaml:2: is not YAML (found duplicate key a)"),
    "text": ("just text", "experiment: the recipe's keys lie below `experiment`"),
    "another config that is not there": ("defaults:\n  - gone\n", "experiment/bad: names a config experiment/gone"),
    "defaults that are no list": ("# @package _global_\ndefaults: 3\n", "config: Invalid defaults list"),
    "a misspelt key": (
        "# @package _global_\ntrainer:\n  train_stpes: 3\n",
        "trainer.train_stpes: no such key. Did",
    ),
    "a wrong type": ("# @package _global_\nmodel:\n  batch_size: many\n", "model.batch_size: many is not a value"),
    "a reference to nothing": ("# @package _global_\nseed: ${nope}\n", "seed: ${nope}: there is no key nope"),
}


@pytest.mark.fault(f"{len(BAD_CONFIGS)} recipes that are wrong", "one line says which file or key, and why")
@pytest.mark.parametrize("name", BAD_CONFIGS)
def test_a_bad_recipe(run: Run, tmp_path: Path, name: str):
    text, expected = BAD_CONFIGS[name]
    (tmp_path / "mine" / "experiment").mkdir(parents=True)
    (tmp_path / "mine" / "experiment" / "bad.yaml").write_text(text)
    result = run("--config-dir", "mine", "experiment=bad", "mode=inspect", cwd=tmp_path)
    assert result.returncode == 1
    assert expected in result.stderr.splitlines()[0]
    assert "bug in the program" not in result.stderr


def test_a_key_of_a_recipe_for_another_dataset_is_said_to_be_the_recipes(run: Run, tmp_path: Path):
    result = run("experiment=quickstart_detector", "dataset=pages", "dataset.root=mine", cwd=tmp_path)
    first, remedy = result.stderr.splitlines()
    assert re.match(r"error: dataset\.\w+: experiment=quickstart_detector sets it, for dataset=synthetic; ", first)
    assert "train.py task=detector " in remedy
    assert remedy.endswith(" dataset=pages dataset.root=mine")


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_names_of_other_programs_lead_to_keys_that_exist(name: str):
    assert name in OptionFiles().every_key()


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("lr=1e-3", "error: lr: no such key. Did you mean model.learning_rate?"),
        ("model.lr=1e-3", "error: model.lr: no such key. Did you mean model.learning_rate?"),
        ("batch_size=8", "error: batch_size: no such key. Did you mean model.batch_size?"),
        ("epochs=3", "error: epochs: no such key. Did you mean trainer.train_steps?"),
        ("score=0.5", "error: score: no such key. Did you mean extract.score or predict.score?"),
        ("extract.classes=signature", "  as a list of one:  'extract.classes=[signature]'"),
        ("model.filters=32", "  as a list of one:  'model.filters=[32]'"),
    ],
)
def test_an_override_as_other_programs_have_it(run: Run, tmp_path: Path, override: str, expected: str):
    result = run(override, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == expected


@pytest.mark.parametrize("override", ["model.refiner_filters=none", "model.refiner_filters=0", "extract.classes=stamp"])
def test_a_list_of_one_is_proposed_only_if_it_is_taken(run: Run, tmp_path: Path, override: str):
    result = run("task=detector", "dataset=synthetic", override, cwd=tmp_path)
    assert result.returncode == 1
    assert "is not a value that it takes" in result.stderr
    assert "as a list" not in result.stderr


def test_keys_that_a_recipe_has_from_a_shared_file_are_its_own():
    keys = OptionFiles().keys("experiment/quickstart_detector")
    assert {"dataset.pages", "dataset.kinds", "dataset.photographed"} <= set(keys)
    assert "kinds" not in keys


def test_a_recipe_that_is_not_utf8_is_named(run: Run, tmp_path: Path):
    (tmp_path / "mine" / "experiment").mkdir(parents=True)
    (tmp_path / "mine" / "experiment" / "bad.yaml").write_bytes(b"a: \xff\n")
    result = run("--config-dir", "mine", "experiment=bad", "mode=inspect", cwd=tmp_path)
    assert result.stderr.startswith("error: mine/experiment/bad.yaml: is not UTF-8")


def test_without_arguments_the_default_run_starts(run: Run, tmp_path: Path):
    assert run(cwd=tmp_path).stderr.startswith("error: dataset.root: no CEDAR images in data/raw/cedar")


def test_a_linked_train_py_finds_its_conf(run: Run, tmp_path: Path):
    (tmp_path / "linked.py").symlink_to(REPOSITORY / "train.py")
    command = [sys.executable, "linked.py", "mode=fly"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.stderr.startswith("error: mode: fly is not a value that it takes")


def test_tensorflow_is_not_imported_to_refuse(tmp_path: Path, run: Run):
    (tmp_path / "tensorflow.py").write_text("raise SystemExit('imported')")
    result = run("dataset=synthetic", "dataset.writers=0", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert "dataset.writers: 0 is not" in result.stderr


def test_full_error_shows_the_traceback(run: Run, tmp_path: Path):
    result = run("mode=fly", cwd=tmp_path, HYDRA_FULL_ERROR="1")
    assert "Traceback" in result.stderr
    assert result.returncode == 1


def test_missing_data_says_what_to_do(run: Run, tmp_path: Path):
    result = run("dataset=cedar", cwd=tmp_path)
    assert result.returncode == 1
    assert "no CEDAR images in data/raw/cedar" in result.stderr
    assert "kaggle.com" in result.stderr
    assert "dataset=synthetic" in result.stderr
    assert not (tmp_path / "outputs").exists()


def test_help_lists_every_group_option_and_key(run: Run, tmp_path: Path):
    text = run("--help", cwd=tmp_path).stdout
    options = [
        file.stem
        for group in (REPOSITORY / "conf").iterdir()
        if group.is_dir() and group.name != "shared"
        for file in group.glob("*.yaml")
    ]
    assert not [option for option in options if not re.search(rf"\b{option}\b", text)]
    assert re.search(r"^  seed=1 +drives weights", text, re.MULTILINE)
    assert "${oc" not in text


@pytest.mark.parametrize("arguments", [(), ("model=autoencoder", "dataset=synthetic"), ("task=detector",)])
def test_every_printed_key_has_a_comment(run: Run, tmp_path: Path, arguments: tuple[str, ...]):
    text = run(*arguments, "--cfg", "job", cwd=tmp_path).stdout
    keys = [line for line in text.splitlines() if re.match(r" *[a-z_]+: \S", line)]
    assert len(keys) > 25
    assert not [line for line in keys if " # " not in line]


def test_the_task_chooses_dataset_and_model_and_overrides_replace_them(run: Run, tmp_path: Path):
    plain = run("task=cleaner", "--cfg", "job", cwd=tmp_path).stdout
    assert "  name: cedar" in plain
    assert "  name: unet" in plain
    chosen = run("task=cleaner", "dataset=synthetic", "model=autoencoder", "--cfg", "job", cwd=tmp_path).stdout
    assert "  name: synthetic" in chosen
    assert "  name: autoencoder" in chosen
    quick = run("experiment=quickstart", "--cfg", "job", cwd=tmp_path).stdout
    assert "  name: synthetic" in quick


def test_the_whole_config_is_shown_resolved(run: Run, tmp_path: Path):
    done = run("--cfg", "all", "--resolve", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)["hydra"]["sweep"]["subdir"] == "number"
