"""COCO's boxes in other forms than a corner and a size in pixels."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelling import BOX, coco_pages, read, write_json

from data.labels.coco_boxes import box_of
from data.labels.label_texts import key_of

fault = pytest.mark.fault
READ = "read as it is meant"

CORNERS = [20, 15, 30, 30]
NEAR = [4, 6, 14, 21]
"""A box that lies within its page as two corners, and as a corner and a size."""

NEAR_SHARES = (6 / 60, 4 / 40, 21 / 60, 14 / 40)


def runs_of(box: Sequence[int], height: int, width: int) -> list[int]:
    """Run lengths of a mask that fills a box of two corners."""
    mask = np.zeros((height, width), np.uint8)
    mask[box[1] : box[3], box[0] : box[2]] = 1
    edges = np.flatnonzero(np.diff(mask.T.reshape(-1), prepend=0, append=1 - mask[-1, -1]))
    return np.diff(edges, prepend=0).tolist()


def packed(runs: Sequence[int]) -> str:
    """The text into which COCO's tools pack run lengths."""
    text = ""
    for number, run in enumerate(runs):
        left = run - runs[number - 2] if number > 2 else run
        while True:
            group, left = left & 31, left >> 5
            more = left != (-1 if group & 16 else 0)
            text += chr(48 + group + 32 * more)
            if not more:
                break
    return text


@fault("COCO: boxes as two points, or as objects with the keys of other tools", READ)
@pytest.mark.parametrize(
    "bbox",
    [
        "20 15 10 15",
        "(20, 15, 10.0, 15)",
        [[20, 15], [30, 30]],
        {"left": 20, "top": 15, "width": 10, "height": 15},
        {"xmin": 20, "ymin": 15, "xmax": 30, "ymax": 30},
        {"x1": 20, "y1": 15, "x2": 30, "y2": 30},
        {"left": 20, "top": 15, "right": 30, "bottom": 30},
    ],
)
def test_forms_of_a_box(tmp_path: Path, bbox: Any):
    content = coco_pages(tmp_path, 2)
    content["annotations"][0]["bbox"] = bbox
    write_json(tmp_path / "labels.json", content)
    assert read(tmp_path, "coco").boxes == {"doc0.png": [BOX], "doc1.png": [BOX]}


@fault("COCO: masks of run lengths, without bbox", READ)
@pytest.mark.parametrize("pack", [list, packed])
def test_masks_without_bbox(tmp_path: Path, pack: Any):
    content = coco_pages(tmp_path, 2)
    for note in content["annotations"]:
        del note["bbox"]
        note["segmentation"] = {"size": [60, 40], "counts": pack(runs_of(CORNERS, 60, 40))}
    write_json(tmp_path / "labels.json", content)
    assert read(tmp_path, "coco").boxes == {"doc0.png": [BOX], "doc1.png": [BOX]}


def test_masks_at_any_place():
    for box in ([0, 0, 40, 60], [0, 0, 1, 1], [39, 59, 40, 60], [3, 0, 9, 60], [3, 20, 9, 60], [7, 0, 8, 9]):
        for counts in (runs := runs_of(box, 60, 40), packed(runs)):
            found = box_of({"segmentation": {"size": [60, 40], "counts": counts}})
            assert found
            assert found.numbers == tuple(box)
    for counts in ([], "", "\x7f", [2400], [-3, 4], None, 7, ["a", "b"]):
        assert box_of({"segmentation": {"size": [60, 40], "counts": counts}}) is None


@fault("COCO: two corners instead of a corner and a size, as polygons or areas show", READ)
@pytest.mark.parametrize(
    "more",
    [
        {"area": 150},
        {"segmentation": [[4, 6, 14, 6, 14, 21, 4, 21]]},
        {"area": 294, "segmentation": [[4, 6, 14, 6, 9, 21]]},
    ],
)
def test_corners_that_outlines_and_areas_show(tmp_path: Path, more: dict[str, Any]):
    content = coco_pages(tmp_path)
    for note in content["annotations"]:
        note |= {"bbox": NEAR, **more}
    write_json(tmp_path / "labels.json", content)
    found = read(tmp_path, "coco")
    assert found.pages["doc0.png"].boxes[0] == pytest.approx(NEAR_SHARES)
    assert "two corners" in found.notes


@pytest.mark.parametrize("more", [{}, {"area": 294}, {"area": 120}, {"segmentation": [[4, 6, 18, 6, 18, 27, 4, 27]]}])
def test_a_corner_and_a_size_that_nothing_contradicts(tmp_path: Path, more: dict[str, Any]):
    content = coco_pages(tmp_path)
    for note in content["annotations"]:
        note |= {"bbox": NEAR, **more}
    write_json(tmp_path / "labels.json", content)
    assert read(tmp_path, "coco").pages["doc0.png"].boxes[0] == pytest.approx((6 / 60, 4 / 40, 27 / 60, 18 / 40))


@fault("COCO: boxes as per cent of the page", READ)
def test_boxes_as_per_cent(tmp_path: Path):
    content = coco_pages(tmp_path, 3)
    for note, image in zip(content["annotations"], content["images"], strict=True):
        note["bbox"] = [50, 25, 25, 25]
        image |= {"height": 1500, "width": 1000}
    write_json(tmp_path / "labels.json", content)
    found = read(tmp_path, "coco")
    assert found.boxes == {f"doc{number}.png": [BOX] for number in range(3)}
    assert "per cent of the page" in found.notes


@pytest.mark.parametrize("side", [200, 600])
def test_boxes_in_the_corner_of_a_page_are_in_pixels(tmp_path: Path, side: int):
    content = coco_pages(tmp_path, 4)
    for note, image in zip(content["annotations"], content["images"], strict=True):
        note["bbox"] = [20, 30, 60, 20]
        image |= {"height": side * 3 // 2, "width": side}
    write_json(tmp_path / "labels.json", content)
    found = read(tmp_path, "coco")
    top, left = 30 / (side * 3 // 2), 20 / side
    assert found.boxes["doc0.png"][0][:2] == pytest.approx((top, left), abs=0.001)
    assert ("unsure: all boxes lie in the first 100 by 100 pixels" in found.notes) == (side == 600)


def test_ids_as_decimal_numbers_in_quotes():
    assert key_of("3.0") == key_of(3) == key_of(3.0) == "3"
    assert key_of("1.05.0") == "1.05.0"
