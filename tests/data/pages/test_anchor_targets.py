"""Anchors and targets against tf-models' own."""

import numpy as np
import pytest
import tensorflow as tf
from official.vision.ops import anchor

from data.pages.anchor_targets import AnchorGenerator, BACKGROUND, OverlapLabelEncoder

REFERENCE = OverlapLabelEncoder(AnchorGenerator((640, 640), 3, 7, 3, (0.5, 1.0, 2.0), 4.0))
SMALL = OverlapLabelEncoder(
    AnchorGenerator((512, 384), 3, 6, 2, (1.0, 2.5, 6.0), 2.0), match_threshold=0.5, unmatched_threshold=0.4
)
WIDE = OverlapLabelEncoder(
    AnchorGenerator((192, 320), 3, 5, 1, (0.5, 3.0), 3.0), match_threshold=0.6, unmatched_threshold=0.3
)
CONFIGURATIONS = pytest.mark.parametrize("encoder", [REFERENCE, SMALL, WIDE], ids=["reference", "small", "wide"])

Targets = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def tf_models_anchors(anchors: AnchorGenerator) -> dict[str, tf.Tensor]:
    ratios = list(anchors.aspect_ratios)
    levels = (anchors.min_level, anchors.max_level)
    return anchor.Anchor(*levels, anchors.num_scales, ratios, anchors.anchor_size, anchors.size).multilevel_boxes


def tf_models_targets(encoder: OverlapLabelEncoder, boxes: np.ndarray, labels: np.ndarray) -> Targets:
    labeler = anchor.AnchorLabeler(encoder.match_threshold, encoder.unmatched_threshold)
    classes, offsets, _, class_weights, box_weights = labeler.label_anchors(
        tf_models_anchors(encoder.anchors), tf.constant(boxes, tf.float32), tf.constant(labels[:, None], tf.int32)
    )
    flat_classes = np.concatenate([values.numpy().reshape(-1) for values in classes.values()])
    flat_offsets = np.concatenate([values.numpy().reshape(-1, 4) for values in offsets.values()])
    return flat_classes, flat_offsets, class_weights.numpy(), box_weights.numpy()


def tied(encoder: OverlapLabelEncoder, boxes: np.ndarray) -> np.ndarray:
    """Anchors that share an object's best overlap, or overlap it as much as a threshold: rounding decides there."""
    corners, count = encoder.anchors.boxes.astype(np.float64), len(boxes)
    if not count:
        return np.zeros(len(encoder.anchors), bool)
    low, high = np.maximum(corners[:, None, :2], boxes[:, :2]), np.minimum(corners[:, None, 2:], boxes[:, 2:])
    common = np.maximum(high - low, 0).prod(axis=2)
    areas = [(sides[:, 2:] - sides[:, :2]).prod(axis=1) for sides in (corners, boxes.astype(np.float64))]
    overlaps = common / (areas[0][:, None] + areas[1] - common)
    best = np.isclose(overlaps, overlaps.max(axis=0), rtol=1e-5)
    at_threshold = np.isclose(overlaps[..., None], (encoder.match_threshold, encoder.unmatched_threshold), rtol=1e-5)
    return (best & (best.sum(axis=0) > 1)).any(axis=1) | at_threshold.any(axis=(1, 2))


def assert_targets_are_tf_models(encoder: OverlapLabelEncoder, boxes: np.ndarray, labels: np.ndarray) -> Targets:
    ours, theirs = encoder.encode(boxes, labels), tf_models_targets(encoder, boxes, labels)
    decided = ~tied(encoder, boxes)
    assert decided.mean() > 0.9
    for name, one, other in zip(("classes", "offsets", "class weights", "box weights"), ours, theirs, strict=True):
        assert one.shape == other.shape
        if name != "offsets":
            np.testing.assert_array_equal(one[decided], other[decided], err_msg=name)
            np.testing.assert_array_equal(np.sort(one), np.sort(other), err_msg=name)
    asked = decided & (ours[3] > 0)
    np.testing.assert_allclose(ours[1][asked], theirs[1][asked], atol=1e-4)
    return ours


def random_boxes(rng: np.random.Generator, size: tuple[int, int], count: int) -> np.ndarray:
    sides = np.exp(rng.uniform(np.log(4), np.log(0.8 * min(size)), (count, 2)))
    corners = rng.random((count, 2)) * (np.array(size) - sides)
    return np.hstack([corners, corners + sides]).astype(np.float32)


@CONFIGURATIONS
def test_anchors_are_tf_models(encoder: OverlapLabelEncoder):
    theirs = [boxes.numpy().reshape(-1, 4) for boxes in tf_models_anchors(encoder.anchors).values()]
    np.testing.assert_allclose(encoder.anchors.boxes, np.concatenate(theirs), atol=1e-3)
    assert len(encoder.anchors) == len(encoder.anchors.boxes)


@CONFIGURATIONS
@pytest.mark.parametrize("seed", range(8))
def test_targets_of_random_pages_are_tf_models(encoder: OverlapLabelEncoder, seed: int):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 12))
    labels = rng.integers(1, 5, count)
    classes, _, class_weights, box_weights = assert_targets_are_tf_models(
        encoder, random_boxes(rng, encoder.anchors.size, count), labels
    )
    assert set(classes[box_weights > 0]) == set(labels)
    assert (class_weights[box_weights > 0] == 1).all()


def test_anchors_between_the_thresholds_have_no_class_weight():
    boxes = random_boxes(np.random.default_rng(3), SMALL.anchors.size, 6)
    classes, _, class_weights, _ = SMALL.encode(boxes, np.ones(6, int))
    assert (class_weights == 0).sum() > 10
    assert (classes[class_weights == 0] == BACKGROUND).all()
    assert (REFERENCE.encode(boxes, np.ones(6, int))[2] == 1).all()


@CONFIGURATIONS
def test_an_object_that_no_anchor_overlaps_much_still_gets_its_best_one(encoder: OverlapLabelEncoder):
    boxes = np.array([[10, 10, 12, 190], [100, 101, 103, 104], [33, 180, 190, 182]], np.float32)
    classes, _, _, box_weights = assert_targets_are_tf_models(encoder, boxes, np.array([1, 2, 3]))
    assert sorted(classes[box_weights > 0]) == [1, 2, 3]


@CONFIGURATIONS
def test_of_objects_that_share_a_best_anchor_one_has_it(encoder: OverlapLabelEncoder):
    boxes = np.array([[50, 50, 53, 53], [50, 50, 53, 53], [50, 50.5, 53, 53]], np.float32)
    for labels in ([1, 2, 3], [3, 2, 1], [2, 1, 3]):
        classes, _, _, box_weights = assert_targets_are_tf_models(encoder, boxes, np.array(labels))
        assert set(classes[box_weights > 0]) < set(labels)


@CONFIGURATIONS
def test_a_page_without_objects_is_background_all_over(encoder: OverlapLabelEncoder):
    boxes, labels = np.zeros((0, 4), np.float32), np.zeros(0, np.int64)
    classes, offsets, class_weights, box_weights = assert_targets_are_tf_models(encoder, boxes, labels)
    assert (classes == BACKGROUND).all()
    assert (class_weights == 1).all()
    assert (box_weights == 0).all()
    assert (offsets == 0).all()


def test_an_anchor_that_is_the_object_has_nothing_to_move():
    box = REFERENCE.anchors.boxes[20_000:20_001]
    classes, offsets, _, _ = REFERENCE.encode(box, np.array([4]))
    assert classes[20_000] == 4
    np.testing.assert_allclose(offsets[20_000], 0, atol=1e-6)
