"""A user's files at every place that an option can name: each is unchanged afterwards, byte for byte."""

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from programs import Run
from small_runs import SMALL, SMALL_UNET

SHORT = ("trainer.train_steps=2", "trainer.validation_interval=2")
NOTES = "not to be lost"
SURVIVES = "one line says what is there, before anything is computed; the file is as it was"


@pytest.fixture(scope="module")
def trained(two_steps: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run in `run` and a scan."""
    cwd = tmp_path_factory.mktemp("trained")
    shutil.copytree(two_steps, cwd / "run")
    page = np.full((90, 120), 250, np.uint8)
    page[30:40, 10:110] = 20
    Image.fromarray(page).save(cwd / "scan.png")
    return cwd


def write(path: Path, content: str = NOTES) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def files_in(folder: Path) -> dict[str, bytes | str]:
    """Content of every file, target of every link."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


def link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def saved_model(folder: Path) -> None:
    """A SavedModel of somebody else's."""
    for name in ("saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"):
        write(folder / name)


def export_and(name: str) -> Callable[[Path], None]:
    def plant(cwd: Path) -> None:
        shutil.copytree(cwd / "run" / "export", cwd / "mine")
        write(cwd / "mine" / name)

    return plant


TRAIN = (*SMALL_UNET, *SHORT)
EXPORT = ("mode=export", "run_dir=run", "export_dir=mine")
PREDICT = ("mode=predict", "run_dir=run", "predict.input=scan.png", "predict.output=mine")
INSPECT = ("mode=inspect", *SMALL[:-2], "inspect.output=mine/sheet.png")
EVAL = ("mode=eval", "run_dir=mine", "export_dir=run/export", *SMALL_UNET)
COMPARE = ("mode=compare", "runs=.")
SWEEP = ("-m", *TRAIN, "seed=1,2", "hydra.sweep.dir=mine")

REFUSED: dict[str, tuple[tuple[str, ...], Callable[[Path], object], str]] = {
    "run.json of another program": ((*TRAIN, "run_dir=mine"), lambda c: write(c / "mine/run.json", "{}"), "run_dir"),
    "run.json that is a list": ((*TRAIN, "run_dir=mine"), lambda c: write(c / "mine/run.json", "[1]"), "run_dir"),
    "train.log": ((*TRAIN, "run_dir=mine"), lambda c: write(c / "mine/train.log"), "run_dir"),
    "a folder of checkpoints": (
        (*TRAIN, "run_dir=mine"),
        lambda c: write(c / "mine/checkpoints/ckpt-1.index"),
        "run_dir",
    ),
    "another Hydra program's folder": (
        (*TRAIN, "run_dir=mine"),
        lambda c: write(c / "mine/.hydra/hydra.yaml"),
        "run_dir",
    ),
    "a home folder": ((*TRAIN, "run_dir=mine"), lambda c: write(c / "mine/Documents/letter.txt"), "run_dir"),
    "run_dir is a file": ((*TRAIN, "run_dir=mine"), lambda c: write(c / "mine"), "run_dir"),
    "run_dir lies beneath a file": ((*TRAIN, "run_dir=mine/deep/run"), lambda c: write(c / "mine"), "run_dir"),
    "run_dir is a link that leads nowhere": (
        (*TRAIN, "run_dir=mine"),
        lambda c: link(c / "mine", c / "gone"),
        "run_dir",
    ),
    "training exports into a folder": (
        (*TRAIN, "run_dir=new", "export_dir=mine"),
        lambda c: write(c / "mine/n"),
        "export_dir",
    ),
    "repeats export over a folder": (
        (*TRAIN, "run_dir=new", "export_dir=mine", "trainer.repeats=2"),
        lambda c: write(c / "mine/n"),
        "export_dir",
    ),
    "repeats export over a link": (
        (*TRAIN, "run_dir=new", "export_dir=mine", "trainer.repeats=2"),
        lambda c: link(c / "mine", c / "run"),
        "export_dir",
    ),
    "export over a folder": (EXPORT, lambda c: write(c / "mine/notes.txt"), "export_dir"),
    "export over a file": (EXPORT, lambda c: write(c / "mine"), "export_dir"),
    "export over a link to a folder": (
        EXPORT,
        lambda c: (write(c / "real/n"), link(c / "mine", c / "real")),
        "export_dir",
    ),
    "export over a link to an export": (EXPORT, lambda c: link(c / "mine", c / "run/export"), "export_dir"),
    "export over somebody else's SavedModel": (EXPORT, lambda c: saved_model(c / "mine"), "export_dir"),
    "export over an export with a note in it": (EXPORT, export_and("README.md"), "export_dir"),
    "export over an export with deep notes in it": (EXPORT, export_and("variables/notes.txt"), "export_dir"),
    "export over an export with an asset": (EXPORT, export_and("assets/words.txt"), "export_dir"),
    "export into the checkpoints": (
        ("mode=export", "run_dir=run", "export_dir=run/checkpoints"),
        lambda c: None,
        "export_dir",
    ),
    "a cleaned picture": (PREDICT, lambda c: write(c / "mine/scan_cleaned.png"), "predict.output"),
    "a cleaned picture that is a link": (
        PREDICT,
        lambda c: (write(c / "real.png"), link(c / "mine/scan_cleaned.png", c / "real.png")),
        "predict.output",
    ),
    "boxes.json": (PREDICT, lambda c: write(c / "mine/boxes.json", '{"images": []}'), "predict.output"),
    "predictions go to a file": (PREDICT, lambda c: write(c / "mine"), "predict.output"),
    "a sheet": (INSPECT, lambda c: write(c / "mine/sheet.png"), "inspect.output"),
    "a sheet that is a link": (INSPECT, lambda c: link(c / "mine/sheet.png", c / "scan.png"), "inspect.output"),
    "a sheet that is a folder": (INSPECT, lambda c: write(c / "mine/sheet.png/n"), "inspect.output"),
    "a report": (EVAL, lambda c: write(c / "mine/eval_synthetic.json", '{"score": 1}'), "run_dir"),
    "a picture of that name": (EVAL, lambda c: write(c / "mine/eval_synthetic_worst.png"), "run_dir"),
    "compare.csv": (("mode=compare", "runs=."), lambda c: write(c / "compare.csv", "my,table\n"), "runs"),
    "compare.png": (("mode=compare", "runs=."), lambda c: write(c / "compare.png"), "runs"),
    "a sweep into a folder": (SWEEP, lambda c: write(c / "mine/0-seed_1/notes.txt"), "hydra.sweep.dir"),
    "a sweep over multirun.yaml": (SWEEP, lambda c: write(c / "mine/multirun.yaml"), "hydra.sweep.dir"),
    "a sweep over leaderboard.csv": (SWEEP, lambda c: write(c / "mine/leaderboard.csv"), "hydra.sweep.dir"),
    "a sweep into a file": (SWEEP, lambda c: write(c / "mine"), "hydra.sweep.dir"),
    "a cache in a file": (
        (*TRAIN, "run_dir=new", "dataset.cache_dir=mine"),
        lambda c: write(c / "mine"),
        "dataset.cache_dir",
    ),
}


@pytest.mark.slow
@pytest.mark.fault(f"{len(REFUSED)} ways to name a place where a user's file stands", SURVIVES)
@pytest.mark.parametrize("name", REFUSED)
def test_a_users_file_is_refused(run: Run, trained: Path, tmp_path: Path, name: str):
    overrides, plant, key = REFUSED[name]
    for part in ("run", "scan.png"):
        (shutil.copytree if part == "run" else shutil.copy)(trained / part, tmp_path / part)
    plant(tmp_path)
    before = files_in(tmp_path)
    done = run(*overrides, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {key}: "), done.stderr
    assert files_in(tmp_path) == before
    assert "steps" not in done.stdout


ALLOWED: dict[str, tuple[tuple[str, ...], Callable[[Path], object]]] = {
    "a new run's folder and its cache": (
        (*TRAIN, "run_dir=mine", "dataset.cache_dir=cache", "seed=3"),
        lambda c: (
            write(c / "mine/slurm-7.out"),
            *(write(c / "cache" / name) for name in ("notes.txt", "x.partial/n", "downloads/n")),
        ),
    ),
    "an old run's folder": (
        ("run_dir=run", "trainer.train_steps=4"),
        lambda c: (
            *(write(c / "run/checkpoints" / name) for name in ("best/step-notes.txt", "ckpt-mine.index")),
            *(write(c / "run" / name) for name in ("run.json.partial", "samples.partial.png", ".a.partial")),
        ),
    ),
    "names of older scratch files": (EXPORT, lambda c: (write(c / "mine.partial/n"), write(c / "export.partial"))),
    "other pictures among the predictions": (PREDICT, lambda c: write(c / "mine/holiday.png")),
}


@pytest.mark.slow
@pytest.mark.fault("files of a user in folders that the program writes to", "the command works; they stay")
@pytest.mark.parametrize("name", ALLOWED)
def test_a_users_file_stays(run: Run, trained: Path, tmp_path: Path, name: str):
    overrides, plant = ALLOWED[name]
    shutil.copytree(trained / "run", tmp_path / "run")
    shutil.copy(trained / "scan.png", tmp_path)
    existing = set(files_in(tmp_path))
    plant(tmp_path)
    planted = {name: content for name, content in files_in(tmp_path).items() if name not in existing}
    done = run(*overrides, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    after = files_in(tmp_path)
    assert planted
    assert {name: after.get(name) for name in planted} == planted


@pytest.mark.slow
def test_what_the_project_wrote_is_replaced(run: Run, trained: Path, tmp_path: Path):
    shutil.copytree(trained / "run", tmp_path / "run")
    shutil.copytree(trained / "run" / "export", tmp_path / "mine")
    (tmp_path / "mine" / "signver_export.json").unlink()  # as exports of an earlier version
    shutil.copy(trained / "scan.png", tmp_path)
    report = ("mode=eval", "run_dir=run")
    predict = (*PREDICT[:-1], "predict.output=predictions")
    for overrides in (EXPORT, predict, predict, INSPECT[:-1], INSPECT[:-1], report, report, COMPARE, COMPARE):
        done = run(*overrides, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine" / "signver_export.json").is_file()
    assert not [name for name in files_in(tmp_path) if "partial" in name]


@pytest.mark.fault("a user's files where a dataset's zip is unpacked", "they stay; the dataset lies beside them")
def test_a_users_files_beside_an_unpacked_dataset(run: Run, tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "raw.zip", "w") as zipped:
        zipped.writestr("signatures/full_org/original_1_1.png", b"no picture")
    write(tmp_path / "raw" / "notes.txt")
    write(tmp_path / ".raw.backup.partial" / "notes.txt")
    before = files_in(tmp_path)
    done = run("mode=prepare", "dataset=cedar", "dataset.root=raw", cwd=tmp_path)
    assert done.returncode == 1
    assert "dataset.held_out_writers: leaves no signature" in done.stderr
    after = files_in(tmp_path)
    assert {name: after.get(name) for name in before} == before
    assert json.dumps(sorted(after)).count("original_1_1.png") == 1
