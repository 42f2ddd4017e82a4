"""SignverOD's records: what is read, what is refused and why, and that tf-models reads what is written."""

from pathlib import Path

import numpy as np
import pytest
from official.vision.dataloaders.tf_example_decoder import TfExampleDecoder
from real_data import REAL_SIGNVEROD
from small_pages import marked_page, MarkedPage

from data.pages.page_records import BadPage, decode_page, find_shards, parse_page, serialise_page
from data.pages.tf_examples import parse_example, read_record, record_offsets, serialise_example

PAGE = marked_page((60, 40), (5, 4, 15, 30), (30, 10, 40, 20))
BOX = "image/object/bbox"
LABEL = "image/object/class/label"


def record(without: tuple[str, ...] = (), **changes: list) -> bytes:
    """The record of `PAGE` with other features: `ymin`, `xmin`, ..., `label`, `encoded`."""
    features = parse_example(serialise_page("page.png", *PAGE))
    names = {"label": LABEL, "encoded": "image/encoded"}
    features |= {names.get(name, f"{BOX}/{name}"): values for name, values in changes.items()}
    return serialise_example({name: values for name, values in features.items() if name not in without})


def noise_page(size: tuple[int, int], values: tuple[int, ...], objects: int) -> MarkedPage:
    rng = np.random.default_rng(size[0])
    corners = np.sort(rng.random((objects, 2, 2)), axis=1).astype(np.float32)
    return rng.choice(values, size).astype(np.uint8), corners.reshape(-1, 4), rng.integers(1, 5, objects)


PAGES = {
    "1 bit": noise_page((61, 43), (0, 255), 3),
    "grey": noise_page((30, 50), tuple(range(256)), 5),
    "nearly 1 bit": noise_page((40, 40), (0, 1, 255), 1),
    "white": marked_page((20, 30)),
    "no objects": noise_page((16, 16), (0, 255), 0),
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_pages_round_trip_without_loss(page: MarkedPage):
    pixels, boxes, labels = page
    parsed = parse_page(serialise_page("a page.png", *page))
    assert parsed.name == "a page.png"
    np.testing.assert_array_equal(decode_page(parsed), pixels)
    np.testing.assert_array_equal(parsed.boxes, boxes)
    np.testing.assert_array_equal(parsed.labels, labels)
    assert parsed.boxes.dtype == np.float32
    assert parsed.labels.dtype == np.int64


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_tf_models_decoder_reads_the_records(page: MarkedPage):
    pixels, boxes, labels = page
    decoded = {name: value.numpy() for name, value in TfExampleDecoder().decode(serialise_page("id", *page)).items()}
    np.testing.assert_array_equal(decoded["image"], np.repeat(pixels[..., None], 3, axis=-1))
    np.testing.assert_array_equal(decoded["groundtruth_boxes"], boxes)
    np.testing.assert_array_equal(decoded["groundtruth_classes"], labels)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) * pixels.size
    np.testing.assert_allclose(decoded["groundtruth_area"], areas, rtol=1e-5)
    assert not decoded["groundtruth_is_crowd"].any()
    assert (decoded["source_id"], decoded["height"], decoded["width"]) == (b"id", *pixels.shape)


def test_one_bit_pages_are_small():
    assert len(serialise_page("", *PAGES["1 bit"])) < 43 * 61 / 8 + 1000


def test_area_is_crowd_and_names_are_not_needed():
    optional = [f"image/{name}" for name in ("height", "width", "format", "filename", "source_id")]
    optional += [f"image/object/{name}" for name in ("area", "is_crowd", "class/text")]
    parsed = parse_page(record(without=tuple(optional)))
    assert parsed.name == ""
    np.testing.assert_array_equal(parsed.boxes, PAGE[1])
    assert parse_page(record(without=("image/filename",))).name == "page.png"


def test_a_page_with_no_objects_needs_no_boxes():
    keys = [LABEL, *(f"{BOX}/{corner}" for corner in ("ymin", "xmin", "ymax", "xmax"))]
    parsed = parse_page(record(without=tuple(keys)))
    assert parsed.boxes.shape == (0, 4)
    assert parsed.labels.shape == (0,)


def test_a_box_slightly_over_the_edge_is_clipped():
    parsed = parse_page(record(xmin=[-0.004, 0.25], ymax=[0.25, 1.004]))
    assert parsed.boxes[0, 1] == 0
    assert parsed.boxes[1, 2] == 1


REFUSALS = {
    "no picture": (record(without=("image/encoded",)), "image/encoded is missing"),
    "an empty picture": (record(encoded=[]), "image/encoded is missing"),
    "a number for a picture": (record(encoded=[7]), "image/encoded is missing"),
    **{
        f"no {corner}": (record(without=(f"{BOX}/{corner}",)), f"{BOX}/{corner} is missing")
        for corner in ("ymin", "xmin", "ymax", "xmax")
    },
    "no labels": (record(without=(LABEL,)), f"{LABEL} is missing"),
    "unequal": (record(xmax=[0.5]), f"{BOX}/xmax has 1 values for 2 labels"),
    "too few labels": (record(label=[1]), f"{BOX}/ymin has 2 values for 1 labels"),
    "text for labels": (record(label=[b"1", b"2"]), f"{LABEL} holds text, not numbers"),
    "text for corners": (record(ymin=[b"0.1", b"0.2"]), f"{BOX}/ymin holds text, not numbers"),
    "label 0": (record(label=[1, 0]), r"unknown label 0 \(1 to 4 are known\)"),
    "label 5": (record(label=[5, 1]), "unknown label 5"),
    "half a label": (record(label=[1.5, 1.0]), r"unknown label 1\.5"),
    "over the right edge": (record(xmax=[0.5, 1.1]), r"outside the page \(ymin 0\.5, xmin 0\.25, .* xmax 1\.1\)"),
    "over the top edge": (record(ymin=[-0.1, 0.1]), "outside the page"),
    "in pixels": (record(ymin=[5.0, 30.0], ymax=[15.0, 40.0]), "outside the page"),
    "not a number": (record(ymin=[float("nan"), 0.1]), r"outside the page \(ymin nan"),
    "infinite": (record(xmax=[float("inf"), 0.5]), "outside the page"),
    "no height": (record(ymin=[0.25, 0.5], ymax=[0.25, 0.6]), "an empty box"),
    "upside down": (record(ymin=[0.3, 0.5], ymax=[0.2, 0.6]), r"an empty box \(ymin 0\.3, .* ymax 0\.2"),
    "no width": (record(xmin=[0.1, 0.5], xmax=[0.1, 0.6]), "an empty box"),
    "no Example": (b"\xff\xff\xff", r"not a tf\.train\.Example"),
    "nothing": (b"", "image/encoded is missing"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSALS.values(), ids=REFUSALS)
def test_a_record_that_cannot_be_used_is_refused_with_its_reason(content: bytes, reason: str):
    with pytest.raises(BadPage, match=reason):
        parse_page(content)


@pytest.mark.parametrize("picture", [b"no picture", b"", parse_page(record()).encoded[:-30]])
def test_a_picture_that_cannot_be_read_is_refused_when_it_is_decoded(picture: bytes):
    parsed = parse_page(record(encoded=[picture]))
    with pytest.raises(BadPage, match="not a readable image"):
        decode_page(parsed)


def test_shards_are_found_by_part_and_name(tmp_path: Path):
    (tmp_path / "tfrecords" / "train_folder").mkdir(parents=True)
    for name in ("train-1", "train-0.tfrecord", "eval-0", "categories.csv"):
        (tmp_path / "tfrecords" / name).touch()
    assert [path.name for path in find_shards(tmp_path, "train")] == ["train-0.tfrecord", "train-1"]
    assert [path.name for path in find_shards(tmp_path, "eval")] == ["eval-0"]
    assert find_shards(tmp_path / "nowhere", "eval") == []


@pytest.mark.skipif(not REAL_SIGNVEROD.exists(), reason="no real SignverOD shards beside the repository")
@pytest.mark.parametrize(("part", "count"), [("train", 194), ("eval", 56)])
def test_the_real_shards_parse(part: str, count: int):
    pages = []
    for shard in find_shards(REAL_SIGNVEROD, part):
        offsets, cut = record_offsets(shard)
        assert cut == ""
        pages += [parse_page(read_record(shard, offset)) for offset in offsets]
    assert len(pages) == count
    assert all(len(page.labels) and (page.labels == 1).all() for page in pages)
    assert min(decode_page(pages[0]).shape) > 1000
