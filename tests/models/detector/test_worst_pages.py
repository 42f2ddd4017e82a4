"""The worst pages of an evaluation, and their pictures."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.own_files import is_own_picture
from models.detector.drawing import TRUE_COLOUR
from models.detector.worst_pages import page_quality, save_worst, WorstPages

BOX = [10.0, 10.0, 20.0, 30.0]
HALF = [10.0, 10.0, 20.0, 20.0]
FAR = [80.0, 80.0, 90.0, 90.0]

QUALITIES: dict[str, tuple[list, list, list, list, list, float]] = {
    "nothing on it, nothing found": ([], [], [], [], [], 1.0),
    "found as it is": ([BOX], [1], [BOX], [1], [0.9], 1.0),
    "found by half": ([BOX], [1], [HALF], [1], [0.9], 0.5),
    "missed": ([BOX], [1], [], [], [], 0.0),
    "a score that is not shown": ([BOX], [1], [BOX], [1], [0.1], 0.0),
    "another class": ([BOX], [1], [BOX], [2], [0.9], 0.0),
    "one that is not there": ([], [], [BOX], [1], [0.9], 0.0),
    "one right, one wrong, one missed": ([BOX, FAR], [1, 1], [BOX, [0, 0, 5, 5]], [1, 1], [0.9, 0.8], 1 / 3),
    "twice": ([BOX], [1], [BOX, BOX], [1, 1], [0.9, 0.8], 0.5),
    "the surer box takes it": ([BOX], [1], [HALF, BOX], [1, 1], [0.9, 0.5], 0.25),
    "each its own": ([BOX, FAR], [1, 2], [FAR, BOX], [2, 1], [0.9, 0.5], 1.0),
}


def arrays(rows: list, shape: tuple[int, ...], kind: type) -> np.ndarray:
    return np.array(rows, kind).reshape(shape)


@pytest.mark.parametrize(
    ("boxes", "labels", "found", "classes", "scores", "quality"), QUALITIES.values(), ids=QUALITIES
)
def test_the_quality_of_a_page(boxes: list, labels: list, found: list, classes: list, scores: list, quality: float):
    truth = arrays(boxes, (-1, 4), np.float32), arrays(labels, (-1,), np.int64)
    result = arrays(found, (-1, 4), np.float32), arrays(classes, (-1,), np.int64), arrays(scores, (-1,), np.float32)
    assert page_quality(truth, result) == pytest.approx(quality)


def test_the_sheet_shows_the_worst_first_with_what_was_missed_in_green(tmp_path: Path):
    worst = WorstPages(2)
    nothing = arrays([], (-1, 4), np.float32), arrays([], (-1,), np.int64), arrays([], (-1,), np.float32)
    for name, shape in (("wide.png", (300, 900)), ("ü" * 200, (2000, 100)), ("empty.png", (50, 50))):
        boxes = arrays([] if name == "empty.png" else [BOX], (-1, 4), np.float32)
        worst.add(name, np.full(shape, 255, np.uint8), (boxes, np.ones(len(boxes), np.int64)), nothing)
    ranked = worst.ranked()
    assert [(example.name[:4], example.quality) for example in ranked] == [("wide", 0.0), ("üüüü", 0.0)]
    save_worst(ranked, tmp_path / "sheet.png")
    assert is_own_picture(tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        pixels = np.asarray(sheet.convert("RGB"))
    assert (pixels[:, : pixels.shape[1] // 2] == TRUE_COLOUR).all(axis=-1).any()
