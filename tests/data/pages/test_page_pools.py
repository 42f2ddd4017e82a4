"""Pages are shrunk once and cached, and bad records are reported."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from small_pages import marked_page, MarkedPage, write_shard

from data.pages import page_pools
from data.pages.canvas import Canvas, shrink
from data.pages.page_pools import load_page_pools, PagePools
from data.pages.page_records import serialise_page
from data.pages.tf_examples import record_offsets, write_records

LARGE = marked_page((400, 300), (40, 30, 80, 200), (200, 10, 300, 60))
SMALL = marked_page((40, 50), (5, 5, 15, 45))
BLANK = marked_page((90, 60))


@pytest.fixture
def shards(tmp_path: Path) -> tuple[list[Path], list[Path]]:
    train = [write_shard(tmp_path / "train-0", [LARGE, SMALL]), write_shard(tmp_path / "train-1", [BLANK])]
    return train, [write_shard(tmp_path / "eval-0", [SMALL, LARGE])]


def load(shards: tuple[list[Path], list[Path]], cache: str = "cache", **changes) -> PagePools:
    folder = (*shards[0], *shards[1])[0].parent
    return load_page_pools(
        folder / cache, *shards, **{"train_canvas": Canvas((100, 100)), "validation_canvas": Canvas((80, 80))} | changes
    )


def damage(shard: Path, record: int) -> None:
    content = bytearray(shard.read_bytes())
    content[record_offsets(shard)[0][record] + 30] ^= 1
    shard.write_bytes(content)


def assert_page(pools_page: np.ndarray, page: MarkedPage, size: tuple[int, int]) -> None:
    assert pools_page.dtype == np.uint8
    np.testing.assert_array_equal(pools_page, shrink(page[0], Canvas(size)))


def test_pages_are_shrunk_to_fit_and_small_ones_kept(shards: tuple[list[Path], list[Path]]):
    pools = load(shards)
    assert [tuple(size) for size in pools.train.sizes] == [(100, 75), (40, 50), (90, 60)]
    assert [tuple(size) for size in pools.validation.sizes] == [(40, 50), (80, 60)]
    assert [tuple(size) for size in pools.validation.full_sizes] == [(40, 50), (400, 300)]
    for index, page in enumerate((LARGE, SMALL, BLANK)):
        assert_page(pools.train.page(index), page, (100, 100))
    assert_page(pools.validation.page(1), LARGE, (80, 80))
    assert pools.bad == []
    assert pools.records == 5


def test_shrinking_averages_and_never_enlarges():
    page = np.zeros((40, 20), np.uint8)
    page[:, 10:] = 200
    small = shrink(page, Canvas((10, 100)))
    assert small.shape == (10, 5)
    assert small[0].tolist() == [0, 0, 100, 200, 200]
    assert shrink(page, Canvas((40, 20))) is page
    assert shrink(page, Canvas((400, 200))) is page
    assert shrink(np.zeros((4000, 10), np.uint8), Canvas((100, 100))).shape == (100, 1)


def test_objects_and_names_stay_with_their_page(shards: tuple[list[Path], list[Path]]):
    pools = load(shards)
    for index, page in enumerate((LARGE, SMALL, BLANK)):
        boxes, labels = pools.train.objects(index)
        np.testing.assert_array_equal(boxes, page[1])
        np.testing.assert_array_equal(labels, page[2])
    assert pools.train.names == ["train-0_0.png", "train-0_1.png", "train-1_0.png"]


def test_the_shipped_page_can_be_read_again(shards: tuple[list[Path], list[Path]]):
    pools = load(shards)
    np.testing.assert_array_equal(pools.train.full_page(0), LARGE[0])
    np.testing.assert_array_equal(pools.train.full_page(2), BLANK[0])
    np.testing.assert_array_equal(pools.validation.full_page(1), LARGE[0])


def test_bad_records_are_named_by_shard_and_number_and_skipped(shards: tuple[list[Path], list[Path]]):
    train, _ = shards
    damage(train[0], 0)
    outside = serialise_page("outside", SMALL[0], SMALL[1] + 0.5, SMALL[2])
    tiny = serialise_page("tiny", *marked_page((7, 30)))
    write_records(train[1], [outside, serialise_page("good", *SMALL), b"\xff", tiny])
    pools = load(shards)
    assert [name for name, _ in pools.bad] == ["train-0 record 0", *(f"train-1 record {n}" for n in (0, 2, 3))]
    for (_, reason), expected in zip(pools.bad, ("damaged", "outside", "no", "30x7 pixels"), strict=False):
        assert expected in reason
    assert pools.train.names == ["train-0_1.png", "good"]
    assert pools.records == 8
    for index in (0, 1):
        np.testing.assert_array_equal(pools.train.full_page(index), SMALL[0])
        np.testing.assert_array_equal(pools.train.objects(index)[0], SMALL[1])
    assert load(shards).bad == pools.bad


def test_of_a_cut_shard_what_comes_before_the_cut_is_used(shards: tuple[list[Path], list[Path]]):
    (first, _), _ = shards
    first.write_bytes(first.read_bytes()[:-5])
    pools = load(shards)
    assert pools.train.names == ["train-0_0.png", "train-1_0.png"]
    assert pools.bad == [("train-0 record 1", "the file ends within a record; nothing after it can be read")]


def test_an_empty_part_has_no_pages(shards: tuple[list[Path], list[Path]]):
    _, (only,) = shards
    write_records(only, [])
    pools = load(shards)
    assert len(pools.train) == 3
    assert len(pools.validation) == 0
    assert pools.validation.boxes.shape == (0, 4)


def test_shards_of_which_nothing_can_be_read_are_no_error(shards: tuple[list[Path], list[Path]]):
    for shard in (*shards[0], *shards[1]):
        shard.write_bytes(b"no shard at all, whatever its name says")
    pools = load(shards)
    assert len(pools.train) == len(pools.validation) == 0
    assert len(pools.bad) == 3


def test_a_second_run_decodes_nothing(shards: tuple[list[Path], list[Path]], monkeypatch: pytest.MonkeyPatch):
    first = load(shards)
    monkeypatch.setattr(page_pools, "decode_page", None)
    monkeypatch.setattr(page_pools, "map_chunks", None)
    second = load(shards)
    assert second.fingerprint == first.fingerprint
    np.testing.assert_array_equal(second.train.pixels, first.train.pixels)
    np.testing.assert_array_equal(second.train.boxes, first.train.boxes)


def test_a_changed_byte_or_size_is_another_dataset(shards: tuple[list[Path], list[Path]]):
    before = load(shards).fingerprint
    assert load(shards, train_canvas=Canvas((100, 101))).fingerprint != before
    assert load((shards[0][:1], [shards[0][1], *shards[1]])).fingerprint != before
    damage(shards[0][0], 1)
    assert load(shards).fingerprint != before


def test_moved_shards_are_the_same_dataset_read_from_their_new_place(shards: tuple[list[Path], list[Path]]):
    before = load(shards)
    moved = shards[0][0].parent / "moved"
    moved.mkdir()
    for shard in (*shards[0], *shards[1]):
        shutil.move(shard, moved)
    parts = tuple([moved / shard.name for shard in part] for part in shards)
    after = load(parts, cache="../cache")
    assert after.fingerprint == before.fingerprint
    np.testing.assert_array_equal(after.train.full_page(0), LARGE[0])


def test_many_pages_keep_their_order(tmp_path: Path):
    pages = [marked_page((20, 30), (1, 1, number + 2, 20)) for number in range(18)]
    shards = [write_shard(tmp_path / f"train-{number}", pages[6 * number :][:6]) for number in range(3)]
    stages: list[tuple[str, int, int]] = []

    def progress(name: str):
        return lambda done, total: stages.append((name, done, total))

    pools = load((shards, shards[:1]), progress=progress)
    for index, page in enumerate(pages):
        np.testing.assert_array_equal(pools.train.page(index), page[0])
    assert ("train pages", 18, 18) in stages
    assert stages[-1] == ("validation pages", 6, 6)
