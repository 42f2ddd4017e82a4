"""mode=prepare and mode=inspect from the command line, on every dataset."""

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from programs import REPOSITORY, Run
from signverod_files import PAGES, write_pictures, write_tables
from small_runs import SMALL

SMALL_PAGES = ("dataset=synthetic", "dataset.pages=3", "dataset.held_out_pages=2")
SIGNATURES = (
    "dataset=signatures",
    "dataset.root=own",
    "dataset.synthetic_writers=0",
    "dataset.variants=2",
    "dataset.noise_layers=4",
)


@pytest.fixture
def signverod(tmp_path: Path) -> Path:
    write_tables(tmp_path / "raw", train=PAGES, test=(PAGES[1], PAGES[5]))
    write_pictures(tmp_path / "raw")
    return tmp_path


@pytest.fixture
def signatures(tmp_path: Path) -> Path:
    for writer in "abc":
        (tmp_path / "own" / writer).mkdir(parents=True)
        for number in range(2):
            scan = np.full((100, 200), 255, np.uint8)
            scan[40:50, 20 + 10 * number : 180] = 0
            Image.fromarray(scan).save(tmp_path / "own" / writer / f"{number}.png")
    return tmp_path


def test_prepare_splits_and_reports_without_a_run(run: Run, signverod: Path):
    overrides = ("dataset=signverod", "dataset.split=clean", "dataset.root=raw")
    result = run("mode=prepare", *overrides, cwd=signverod)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "8 pages with 11 boxes (8 signature, 0 initials, 0 redaction, 3 date)" in result.stdout
    assert "of 2 test pages as shipped, 2 are also trained on" in result.stdout
    (following,) = (line for line in result.stdout.splitlines() if line.startswith("next "))
    assert shlex.split(following)[2] == str(REPOSITORY / "train.py")
    assert following.endswith(" ".join([*overrides, "task=detector"]))
    report = next(line.split()[1] for line in result.stdout.splitlines() if line.startswith("report"))
    assert "documents in both splits: 0" in (signverod / report).read_text()
    metadata = json.loads((signverod / report).with_name("report.json").read_text())
    assert metadata["shipped_test_pages_also_trained_on"] == sorted([PAGES[1], PAGES[5]])
    assert not (signverod / "outputs").exists()


def picture_size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        image.load()
        return image.size


def test_inspect_draws_pages_with_their_labels(run: Run, tmp_path: Path):
    result = run("mode=inspect", "task=detector", *SMALL_PAGES, "inspect.samples=4", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "train    3 pages with" in result.stdout
    assert "valid    2 pages with" in result.stdout
    sheet = tmp_path / "outputs" / "inspect_synthetic.png"
    with Image.open(sheet) as image:
        assert image.width > 4 * image.height / 2
        assert (np.asarray(image.convert("RGB")) == (214, 39, 40)).all(axis=-1).sum() > 100  # a box of a signature


def test_inspect_draws_pairs(run: Run, tmp_path: Path):
    result = run("mode=inspect", *SMALL[:-2], "inspect.output=sheet.png", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "6 pairs of other writers" in result.stdout
    assert picture_size(tmp_path / "sheet.png")[0] > 3 * 2 * 224


def test_a_folder_of_signatures_is_a_dataset_in_one_command(run: Run, signatures: Path):
    result = run("mode=prepare", *SIGNATURES, cwd=signatures)
    assert result.returncode == 0, result.stderr
    assert "4 signatures to train on, 2 validation pairs of other writers" in result.stdout


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (("mode=prepare", "dataset=signverod", "dataset.root=gone"), "error: kaggle: no credentials"),
        (("mode=inspect", "dataset=pages", "dataset.root=gone"), "error: dataset.root: there is no folder gone"),
        (("mode=inspect", *SMALL[:-2], "inspect.output=/proc/here/sheet.png"), "error: inspect.output: cannot write"),
        (("mode=prepare", "dataset=signverod", "dataset.split=mine"), "error: dataset.split: mine is not a value"),
        (("mode=train", "dataset=signverod"), "error: dataset: signverod does not go with task=cleaner"),
    ],
)
def test_refusals_are_one_line(run: Run, tmp_path: Path, overrides: tuple[str, ...], expected: str):
    result = run(*overrides, cwd=tmp_path, HOME=str(tmp_path / "home"), KAGGLE_USERNAME="", KAGGLE_API_TOKEN="")
    assert result.returncode == 1
    assert result.stderr.startswith(expected)
    assert "Traceback" not in result.stderr
