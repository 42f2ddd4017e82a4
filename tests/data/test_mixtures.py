"""dataset=mixture: its parts, their weights, and mixtures that are refused before any data is read."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import yaml
from composing import accepted
from labelling import LINE, yolo, yolo_pages
from programs import Run

from data.errors import UserError
from data.pages.canvas import Canvas
from engine.validation import in_part

MIXTURE = ("task=detector", "dataset=mixture")
DRAWN = "+dataset@dataset.parts.drawn=synthetic/detector"
SCANS = "+dataset@dataset.parts.scans=pages"


def test_each_part_has_the_options_of_its_dataset():
    dataset = accepted(*MIXTURE, DRAWN, SCANS, "dataset.parts.scans.root=mine", "dataset.cache_dir=there").dataset
    parts = dataset.resolved_parts()
    assert list(parts) == dataset.part_names() == ["drawn", "scans"]
    assert (parts["scans"].name, parts["scans"].root, parts["drawn"].pages) == ("pages", "mine", 2400)
    assert {part.cache_dir for part in parts.values()} == {"there"}
    assert dataset.weight_of_each() == {"drawn": 1.0, "scans": 1.0}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ((), "dataset.parts: names no dataset"),
        ((DRAWN, "dataset.parts.drawn.pages=0"), "dataset.parts.drawn.pages: 0 is not a value that it takes"),
        ((DRAWN, "+dataset.parts.drawn.pagse=9"), "dataset.parts.drawn.pagse: no such key. Did you mean dataset.parts"),
        (
            (DRAWN, "+dataset.parts.other.pages=9"),
            "dataset.parts.other: is not added as  +dataset@dataset.parts.<name>=<dataset>",
        ),
        (
            ("+dataset@dataset.parts.real=cedar",),
            "dataset.parts.real: cedar does not go with task=detector (dataset=mix",
        ),
        (
            ("+dataset@dataset.parts.a=mixture/detector", "+dataset@dataset.parts.a.parts.b=pages"),
            "dataset.parts.a: a mix",
        ),
        ((DRAWN, "dataset.parts.drawn.scale=[2,1]"), "dataset.parts.drawn.scale: [2.0, 1.0] is not [smallest, larg"),
        ((DRAWN, "dataset.parts.drawn.kinds=[x:1]"), "dataset.parts.drawn.kinds: x:1 is not <kind>:<weight>"),
        ((DRAWN, "dataset.parts.drawn.part=test"), "dataset.parts.drawn.part: give it for all parts at once"),
        ((DRAWN, SCANS, "dataset.parts.scans.cache_dir=x"), "dataset.parts.scans.cache_dir: give one for all parts"),
        ((DRAWN, "dataset.weights=[real:2]"), "dataset.weights: real:2 is not <part>:<weight> (parts: drawn)"),
        ((DRAWN, "dataset.weights=[drawn]"), "dataset.weights: drawn is not <part>:<weight>"),
        ((DRAWN, "dataset.weights=['drawn:-1']"), "dataset.weights: drawn:-1: a weight is a number from 0 on"),
        ((DRAWN, "dataset.weights=['drawn:nan']"), "dataset.weights: drawn:nan: a weight is a number from 0 on"),
        ((DRAWN, "dataset.weights=[drawn:2,drawn:1]"), "dataset.weights: drawn has two weights"),
        ((DRAWN, "dataset.weights=['drawn:0']"), "dataset.weights: every part has weight 0"),
        ((DRAWN, "dataset.boxes_from=[real]"), "dataset.boxes_from: real is not a part of the mixture (parts: drawn)"),
        (
            (DRAWN, SCANS, "dataset.boxes_from=[scans]", "dataset.weights=['scans:0']"),
            "dataset.boxes_from: the training has no pages of scans, which have weight 0",
        ),
        ((DRAWN, "task.metric=scans/AP"), "task.metric: scans/AP: dataset=mixture has parts drawn"),
        ((DRAWN, "task.metric=drawn/ink_f1"), "task.metric: drawn/ink_f1 is not a value that it takes"),
    ],
)
def test_what_is_no_mixture_is_refused_in_one_line(overrides: tuple[str, ...], message: str):
    with pytest.raises(UserError) as refusal:
        accepted(*MIXTURE, *overrides)
    assert str(refusal.value).startswith(message)


def test_a_metric_of_a_part_improves_as_that_of_the_whole_does():
    assert accepted(*MIXTURE, DRAWN, "task.metric=drawn/loss").task.better == "lower"
    assert accepted(*MIXTURE, DRAWN, "task.metric=drawn/AP50").task.label("drawn/AP50") == "drawn AP50"
    with pytest.raises(UserError, match=r"dataset=synthetic has no parts"):
        accepted("task=detector", "dataset=synthetic", "task.metric=drawn/AP50")


def test_the_keys_of_a_part_are_those_of_its_dataset():
    assert in_part("dataset.parts.scans.root") == "dataset.root"
    assert in_part("dataset.parts") == "dataset.parts"
    assert in_part("model.filters") == "model.filters"


@pytest.mark.parametrize(("task", "dataset"), [("detector", "pages"), ("cleaner", "signatures"), ("cleaner", "cedar")])
def test_files_that_are_missing_are_reported_before_anything_is_drawn(tmp_path: Path, task: str, dataset: str):
    config = accepted(
        *(f"task={task}", "dataset=mixture", f"+dataset@dataset.parts.drawn=synthetic/{task}"),
        *(f"+dataset@dataset.parts.mine={dataset}", f"dataset.parts.mine.root={tmp_path}/gone"),
        f"dataset.cache_dir={tmp_path}/cache",
    )
    with pytest.raises(UserError, match="gone") as refusal:
        config.task.load_data(config.dataset, config.model)
    assert refusal.value.what == "dataset.parts.mine.root"
    assert refusal.value.remedies[-1] == "or leave this part out:  '~dataset.parts.mine' 'dataset.weights=[drawn:1]'"
    assert not any("dataset=synthetic" in remedy for remedy in refusal.value.remedies)
    assert not (tmp_path / "cache").exists()


def test_a_part_that_is_missing_is_left_out_as_the_error_says(tmp_path: Path):
    scans = f"dataset.parts.scans.root={tmp_path}/scans"
    boxes = "dataset.boxes_from=[drawn,scans]"
    config = accepted(*MIXTURE, SCANS, scans, DRAWN, "dataset.weights=[scans:2.5]", boxes)
    with pytest.raises(UserError) as refusal:
        config.dataset.obtain()
    _, _, overrides = refusal.value.remedies[-1].partition(":  ")
    without = accepted(*MIXTURE, SCANS, scans, DRAWN, *shlex.split(overrides)).dataset
    assert without.weight_of_each() == {"drawn": 1.0}
    assert without.boxes_from == ["drawn"]


def test_a_part_without_a_test_part_is_left_out_of_what_is_measured_on_test(tmp_path: Path):
    yolo_pages(tmp_path / "scans", *["0 0.5 0.5 0.3 0.2\n"] * 9)
    overrides = (
        *MIXTURE,
        SCANS,
        f"dataset.parts.scans.root={tmp_path}/scans",
        DRAWN,
        f"dataset.cache_dir={tmp_path}/cache",
    )
    small = ("dataset.parts.drawn.pages=2", "dataset.parts.drawn.held_out_pages=1")
    config = accepted(*overrides, *small, "dataset.parts.scans.test=0.3", "dataset.part=test", "mode=eval")
    data = config.dataset.load(Canvas((64, 64)))
    assert data.measured_on_test().validation_parts.keys() == {"scans"}
    assert data.validation_parts == {"drawn": range(1), "scans": range(1, 1 + len(data.parts[1].pools.validation))}
    assert len(data.train) == sum(len(part.pools.train) for part in data.parts)
    page = data.train.page(len(data.train) - 1)
    np.testing.assert_array_equal(page, data.parts[1].pools.train.page(len(data.parts[1].pools.train) - 1))
    with pytest.raises(IndexError):
        data.train.page(len(data.train))
    config = accepted(*overrides, *small, "dataset.part=test", "mode=eval")
    with pytest.raises(UserError) as refusal:
        config.dataset.load(Canvas((64, 64)))
    assert str(refusal.value) == "dataset.part: no part of the mixture has a test part"
    assert refusal.value.remedies[0].startswith("train on the same dataset with dataset.parts.scans.test=0.1")


@pytest.fixture
def shared(tmp_path: Path) -> tuple[str, ...]:
    """Overrides of two parts: mine trains on lease1, and yours measures it."""
    for folder, part in (("mine", "train"), ("yours", "valid")):
        names = ["train/images/lease0.png", f"{part}/images/lease1.png", f"{part}/images/1.png", "valid/images/x.png"]
        yolo(tmp_path / folder, names, LINE, "labels")
    roots = [
        override
        for name in ("mine", "yours")
        for override in (
            f"+dataset@dataset.parts.{name}=pages",
            f"dataset.parts.{name}.root={tmp_path}/{name}",
            f"dataset.parts.{name}.classes=[0:signature]",
        )
    ]
    return (*MIXTURE, *roots, f"dataset.cache_dir={tmp_path}/cache")


def test_documents_that_another_part_measures_are_left_out_of_the_training(shared: tuple[str, ...]):
    data = accepted(*shared).dataset.load(Canvas((64, 64)))
    text = "of documents that yours measures, mine has 1 training page, by their names (lease1)"
    assert data.notes == (("shared", f"{text}: left out"),)
    whole = accepted(*shared, "dataset.shared=keep").dataset.load(Canvas((64, 64)))
    assert whole.notes == (("shared", f"{text}: kept, so that the metrics of yours may flatter the model"),)
    mine, all_mine = (each.parts[0].pools.train for each in (data, whole))
    assert sorted(all_mine.names) == ["train/images/1.png", "train/images/lease0.png", "train/images/lease1.png"]
    assert sorted(mine.names) == ["train/images/1.png", "train/images/lease0.png"]
    for index, name in enumerate(mine.names):
        before = all_mine.names.index(name)
        np.testing.assert_array_equal(mine.page(index), all_mine.page(before))
        for ours, theirs in zip(mine.objects(index), all_mine.objects(before), strict=True):
            np.testing.assert_array_equal(ours, theirs)
    assert len(data.train) == len(whole.train) - 1


def test_a_part_of_which_no_training_page_is_left_is_refused(shared: tuple[str, ...], tmp_path: Path):
    for name in ("lease0", "1"):
        (tmp_path / f"mine/train/images/{name}.png").unlink()
        (tmp_path / f"mine/train/labels/{name}.txt").unlink()
    with pytest.raises(UserError, match=r"^dataset\.parts\.mine: every training page is of a document that another"):
        accepted(*shared).dataset.load(Canvas((64, 64)))


RECIPE = """# @package _global_
defaults:
  - /dataset@dataset.parts.drawn: synthetic/detector
  - /dataset@dataset.parts.scans: pages
  - override /task: detector
  - override /dataset: mixture
dataset:
  weights: [scans:2]
  parts:
    scans:
      root: mine
"""


def test_a_recipe_names_the_parts_in_its_defaults_list(run: Run, tmp_path: Path):
    (tmp_path / "conf/experiment").mkdir(parents=True)
    (tmp_path / "conf/experiment/both.yaml").write_text(RECIPE)
    shown = run("--config-dir", "conf", "experiment=both", "dataset.parts.drawn.pages=7", "--cfg", "job", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    parts = yaml.safe_load(shown.stdout)["dataset"]["parts"]
    assert (parts["scans"]["root"], parts["drawn"]["pages"], parts["drawn"]["held_out_pages"]) == ("mine", 7, 160)
    assert re.search(r"^ +held_out_pages: 160 +# pages to draw for validation$", shown.stdout, re.M)
