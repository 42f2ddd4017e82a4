"""Targets with one anchor per position: long, upright and small objects all get anchors."""

import numpy as np
import pytest

from data.pages.adaptive_targets import AdaptiveLabelEncoder
from data.pages.anchor_targets import AnchorGenerator, BACKGROUND

ENCODER = AdaptiveLabelEncoder(AnchorGenerator((512, 384), 3, 6, 1, (1.0,), 4.0))

Box = tuple[float, float, float, float]


def decoded(offsets: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    sides, centres = anchors[:, 2:] - anchors[:, :2], (anchors[:, 2:] + anchors[:, :2]) / 2
    middle, half = centres + offsets[:, :2] * sides, np.exp(offsets[:, 2:]) * sides / 2
    return np.hstack([middle - half, middle + half])


@pytest.mark.parametrize(
    "box",
    [
        (100, 100, 124, 210),  # a signature
        (100, 100, 210, 124),  # on a page that lies on its side
        (50, 20, 60, 50),  # a short date
        (30, 30, 34, 34),  # smaller than a position
        (0, 0, 512, 384),  # the whole page
        (500, 370, 511, 383),  # in the corner
        (10, 5, 22, 380),  # very long
    ],
)
def test_each_object_has_anchors_that_mean_its_box(box: Box):
    boxes = np.array([box], np.float32)
    classes, offsets, class_weights, box_weights = ENCODER.encode(boxes, np.array([3]))
    positive = np.flatnonzero(box_weights)
    assert len(positive) >= 1
    assert (classes[positive] == 3).all()
    assert (np.delete(classes, positive) == BACKGROUND).all()
    assert class_weights.all()
    means = decoded(offsets[positive], ENCODER.anchors.boxes[positive])
    np.testing.assert_allclose(means, np.repeat(boxes, len(positive), axis=0), rtol=1e-3, atol=1e-2)


def test_wide_and_upright_objects_have_as_many_anchors():
    wide, upright = (
        int(ENCODER.encode(np.array([box], np.float32), np.array([1]))[3].sum())
        for box in ((104, 100, 128, 212), (100, 104, 212, 128))
    )
    assert wide > 1
    assert abs(wide - upright) <= 1  # the nearest of several equally near candidates are arbitrary


def test_positions_are_inside_their_object():
    rng = np.random.default_rng(1)
    for _ in range(50):
        start = rng.uniform(0, (440, 300), 2)
        box = np.concatenate([start, start + rng.uniform(16, 70, 2)]).astype(np.float32)
        positive = np.flatnonzero(ENCODER.encode(box[None], np.array([1]))[3])
        anchors = ENCODER.anchors.boxes[positive]
        centres = (anchors[:, :2] + anchors[:, 2:]) / 2
        assert ((centres > box[:2]) & (centres < box[2:])).all()


def test_no_object_is_lost_to_its_neighbours():
    boxes = np.array([(100 + 3 * n, 100, 104 + 3 * n, 104) for n in range(6)], np.float32)
    classes, offsets, _, box_weights = ENCODER.encode(boxes, np.arange(1, 7))
    assert set(classes[box_weights > 0]) == set(range(1, 7))
    for label, box in enumerate(boxes, start=1):
        (mine,) = np.nonzero(classes == label)
        np.testing.assert_allclose(decoded(offsets[mine], ENCODER.anchors.boxes[mine])[0], box, rtol=1e-3, atol=1e-2)


def test_small_objects_do_not_take_the_only_anchor_of_others():
    rng = np.random.default_rng(3)
    for _ in range(200):
        start = rng.uniform((100, 100), (140, 140), (7, 2))
        boxes = np.hstack([start, start + rng.uniform(2, 30, (7, 2))]).astype(np.float32)
        classes, _, _, box_weights = ENCODER.encode(boxes, np.arange(1, 8))
        assert set(classes[box_weights > 0]) == set(range(1, 8))


def test_a_page_without_objects_is_background():
    classes, offsets, class_weights, box_weights = ENCODER.encode(np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    assert (classes == BACKGROUND).all()
    assert class_weights.all()
    assert not box_weights.any()
    assert not offsets.any()
