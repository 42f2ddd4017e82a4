"""Boxes of a detector as a list of detections."""

import numpy as np
import pytest
import tensorflow as tf

from models.extraction.finding import Finder, overlap


class Detector:
    """Gives the same boxes for every page: (top, left, bottom, right as shares, label, score)."""

    def __init__(self, *boxes: tuple[float, float, float, float, int, float]) -> None:
        self.boxes, self.sizes = sorted(boxes, key=lambda box: -box[-1]), []

    def __call__(self, page: tf.Tensor) -> dict[str, tf.Tensor]:
        assert page.dtype == tf.uint8
        self.sizes.append(tuple(page.shape[1:3]))
        boxes = np.array(self.boxes, np.float32).reshape(1, -1, 6)
        names = {"boxes": boxes[..., :4], "classes": boxes[..., 4], "scores": boxes[..., 5]}
        return {f"detection_{name}": tf.constant(values) for name, values in names.items()}


PAGE = np.full((1000, 800), 255, np.uint8)


def test_boxes_are_in_pixels_of_the_page_from_the_top_down():
    detector = Detector((0.5, 0.25, 0.75, 0.5, 1, 0.9), (0.1, 0.5, 0.2, 1.0, 4, 0.8))
    found = Finder(detector, None, 0.5).find(PAGE)
    assert [each.kind for each in found] == ["date", "signature"]
    assert found[1].box == pytest.approx((200, 500, 400, 750))
    assert found[1].score == pytest.approx(0.9)


def test_a_large_page_is_made_smaller_and_its_boxes_are_not():
    detector = Detector((0.5, 0.25, 0.75, 0.5, 1, 0.9))
    (found,) = Finder(detector, (100, 80), 0.5).find(PAGE)
    assert detector.sizes == [(200, 160)]
    assert found.box == pytest.approx((200, 500, 400, 750))
    Finder(detector, None, 0.5).find(PAGE)
    Finder(detector, (300, 250), 0.5).find(PAGE)
    Finder(detector, (300, 20), 0.5).find(PAGE)  # all of a height is seen where the page is stretched
    assert detector.sizes[1:] == [(1000, 800)] * 3


def test_what_scores_less_is_left_out():
    detector = Detector((0.5, 0.25, 0.75, 0.5, 1, 0.9), (0.1, 0.5, 0.2, 1.0, 4, 0.3))
    assert [each.kind for each in Finder(detector, None, 0.5).find(PAGE)] == ["signature"]


def test_the_same_ink_is_listed_once_by_its_better_class():
    detector = Detector((0.5, 0.25, 0.75, 0.5, 2, 0.7), (0.5, 0.25, 0.75, 0.52, 1, 0.9), (0.1, 0.1, 0.2, 0.2, 1, 0.8))
    found = Finder(detector, None, 0.5).find(PAGE)
    assert [(each.kind, round(each.score, 1)) for each in found] == [("signature", 0.8), ("signature", 0.9)]


def test_a_box_of_which_nothing_is_on_the_page_is_left_out():
    detector = Detector((1.0, 0.25, 1.0, 0.5, 1, 0.9), (0.1, 0.1, 0.2, 0.2, 1, 0.8))
    assert len(Finder(detector, None, 0.5).find(PAGE)) == 1


def test_overlap_of_boxes():
    assert overlap((0, 0, 2, 2), (0, 0, 2, 2)) == 1
    assert overlap((0, 0, 2, 2), (1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 2, 2), (2, 0, 3, 2)) == 0
