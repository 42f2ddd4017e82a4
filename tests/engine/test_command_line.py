"""train.py's words: what is refused and how, help, and the printed config."""

import re
from pathlib import Path

import pytest
from conftest import REPOSITORY, Run

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
        "dataset: mnist is not an option (dataset=cedar | pages | signatures | signverod | ",
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
    "binding": (("hardware=cpu2", "hardware.binding=--x"), "hardware.binding: --x is neither none nor core"),
    "ranks without cards": (("hardware=hpu8", "hardware.devices=4"), "hardware.devices: 4 cards for 8 processes"),
}


@pytest.mark.parametrize(("words", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_wrong_words_get_one_line_and_leave_nothing(run: Run, tmp_path: Path, words: tuple[str, ...], expected: str):
    result = run(*words, cwd=tmp_path)
    first, *more = result.stderr.splitlines()
    assert first.startswith(f"error: {expected}")
    assert all(line.startswith("  ") for line in more)
    assert result.returncode == 1
    assert not list(tmp_path.rglob("*"))


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


@pytest.mark.parametrize("words", [(), ("model=autoencoder", "dataset=synthetic"), ("task=detector",)])
def test_every_printed_key_has_a_comment(run: Run, tmp_path: Path, words: tuple[str, ...]):
    text = run(*words, "--cfg", "job", cwd=tmp_path).stdout
    keys = [line for line in text.splitlines() if re.match(r" *[a-z_]+: \S", line)]
    assert len(keys) > 25
    assert not [line for line in keys if " # " not in line]


def test_task_picks_dataset_and_model_and_words_override_them(run: Run, tmp_path: Path):
    plain = run("task=cleaner", "--cfg", "job", cwd=tmp_path).stdout
    assert "  name: cedar" in plain
    assert "  name: unet" in plain
    chosen = run("task=cleaner", "dataset=synthetic", "model=autoencoder", "--cfg", "job", cwd=tmp_path).stdout
    assert "  name: synthetic" in chosen
    assert "  name: autoencoder" in chosen
    quick = run("experiment=quickstart", "--cfg", "job", cwd=tmp_path).stdout
    assert "  name: synthetic" in quick
