"""From the config's dataset group to pages, and pages that are drawn."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from composing import dataset
from small_pages import marked_page, write_shard

from data import drawn_pages
from data.datasets.drawn_pages import DrawnPages
from data.datasets.signverod import Signverod
from data.errors import UserError
from data.pages.canvas import Canvas
from data.pages.page_augmentation import Augmentation
from data.pages.page_records import find_shards

SIZE = (128, 96)
PAGE = marked_page((60, 40), (5, 4, 15, 30))


def drawn(folder: Path, **changes) -> DrawnPages:
    counts = {"pages": 3, "held_out_pages": 2}
    return dataset("detector", "synthetic", cache_dir=str(folder / "cache"), **counts | changes)


def signverod(folder: Path, **changes) -> Signverod:
    cache = str(folder / "cache")
    return dataset("detector", "signverod", cache_dir=cache, root=str(folder), **changes)


def shards_of(folder: Path) -> dict[str, bytes]:
    (drawn,) = (path for path in (folder / "cache").iterdir() if (path / "tfrecords").is_dir())
    return {path.name: path.read_bytes() for part in ("train", "eval") for path in find_shards(drawn, part)}


def test_shards_become_pages_a_quarter_larger_than_the_canvas_to_train_on(tmp_path: Path):
    large = marked_page((600, 400), (50, 40, 150, 300))
    write_shard(tmp_path / "tfrecords" / "train-00000", [large])
    write_shard(tmp_path / "tfrecords" / "eval-00000", [large])
    pools = signverod(tmp_path).load(Canvas(SIZE))
    assert tuple(pools.train.sizes[0]) == (160, 107)
    assert tuple(pools.validation.sizes[0]) == (128, 85)


@pytest.mark.parametrize("parts", [(), ("train",), ("eval",)])
def test_missing_shards_name_the_places_and_say_how_to_get_them(tmp_path: Path, parts: tuple[str, ...]):
    for part in parts:
        write_shard(tmp_path / "tfrecords" / f"{part}-0", [PAGE])
    with pytest.raises(UserError) as refusal:
        signverod(tmp_path).load(Canvas(SIZE))
    assert refusal.value.what == "dataset.root"
    assert str(tmp_path) in refusal.value.why
    assert "tfrecords/train*" in refusal.value.why
    assert "tfrecords/eval*" in refusal.value.why
    assert any("kaggle" in remedy for remedy in refusal.value.remedies)
    assert any("dataset=synthetic" in remedy for remedy in refusal.value.remedies)
    assert not (tmp_path / "cache").exists()


def test_too_many_bad_records_are_refused_and_some_allowed(tmp_path: Path):
    shard = write_shard(tmp_path / "tfrecords" / "train-0", [PAGE] * 4)
    write_shard(tmp_path / "tfrecords" / "eval-0", [PAGE])
    content = bytearray(shard.read_bytes())
    content[30] ^= 1
    shard.write_bytes(content)
    with pytest.raises(UserError, match=r"1 of 5 records cannot be used \(20\.0%, allowed 5\.0%\): train-0 record 0"):
        signverod(tmp_path).load(Canvas(SIZE))
    pools = signverod(tmp_path, max_bad_fraction=0.2).load(Canvas(SIZE))
    assert len(pools.train) == 3
    assert len(pools.bad) == 1


@pytest.mark.parametrize("empty", ["train", "eval"])
def test_a_part_without_pages_is_refused_whatever_may_be_bad(tmp_path: Path, empty: str):
    for part in ("train", "eval"):
        write_shard(tmp_path / "tfrecords" / f"{part}-0", [] if part == empty else [PAGE])
    with pytest.raises(UserError, match="a split is empty"):
        signverod(tmp_path, max_bad_fraction=1.0).load(Canvas(SIZE))


def test_the_augmentation_is_what_the_config_says(tmp_path: Path):
    assert signverod(tmp_path, noise=0.25, scale=[0.5, 2.0]).augmentation == Augmentation(
        scale=(0.5, 2.0), stretch=0.1, rotation=2.0, thickness=0.5, noise=0.25, inverted=0.5
    )


def test_synthetic_pages_are_drawn_once_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    reported: list[tuple[str, int, int]] = []
    first = drawn(tmp_path).load(Canvas(SIZE), lambda name: lambda done, total: reported.append((name, done, total)))
    assert (len(first.train), len(first.validation), first.bad) == (3, 2, [])
    assert ("drawing pages", 5, 5) in reported
    pages = [part.full_page(index).tobytes() for part in (first.train, first.validation) for index in range(len(part))]
    assert len(set(pages)) == 5
    monkeypatch.setattr(drawn_pages, "draw_page", None)
    again = drawn(tmp_path).load(Canvas(SIZE))
    assert again.fingerprint == first.fingerprint
    np.testing.assert_array_equal(again.train.pixels, first.train.pixels)


def test_the_same_numbers_give_the_same_shards_and_another_seed_other_pages(tmp_path: Path):
    for folder, seed in (("one", 1), ("same", 1), ("other", 2)):
        drawn(tmp_path / folder, seed=seed).load(Canvas(SIZE))
    one, same, other = (shards_of(tmp_path / folder) for folder in ("one", "same", "other"))
    assert sorted(one) == ["eval-00000-of-00001.tfrecord", "train-00000-of-00001.tfrecord"]
    assert one == same
    assert one.keys() == other.keys()
    assert all(one[name] != other[name] for name in one)


@pytest.mark.parametrize("change", [{"slack": 0.0}, {"kinds": ["notice:1"]}, {"photographed": 1.0}])
def test_other_boxes_kinds_and_pictures_give_other_shards(tmp_path: Path, change: dict[str, Any]):
    drawn(tmp_path / "usual", pages=12).load(Canvas(SIZE))
    drawn(tmp_path / "other", pages=12, **change).load(Canvas(SIZE))
    usual, other = (shards_of(tmp_path / folder) for folder in ("usual", "other"))
    assert usual != other
    first, second = (drawn(tmp_path / "other", pages=12, **some).shards_root() for some in ({}, change))
    assert first != second  # in one cache


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        (["letters:1"], "letters:1 is not <kind>:<weight>"),
        (["letter"], "letter is not <kind>:<weight>"),
        (["letter:-1"], "letter:-1: a weight is a number from 0 on"),
        ([], "every kind has weight 0"),
    ],
)
def test_kinds_that_are_none_are_refused(tmp_path: Path, kinds: list[str], message: str):
    with pytest.raises(UserError, match=message) as refusal:
        drawn(tmp_path, kinds=kinds).check()
    assert refusal.value.what == "dataset.kinds"
