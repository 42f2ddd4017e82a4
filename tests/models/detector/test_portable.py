"""The detector in operations that other formats support computes the same function."""

import numpy as np
import pytest
import tensorflow as tf
from composing import accepted
from small_runs import SMALL_DETECTOR

from data.pages.canvas import Canvas
from models.detector.export import place, SignverDetector
from models.detector.portable import fitted, PortableDetector, suppress
from models.detector.suppression import MAX_OVERLAP, MIN_SCORE

SIZES = [(300, 200), (500, 90), (70, 60), (128, 64), (20, 200), (129, 65)]


def noise(height: int, width: int) -> np.ndarray:
    rng = np.random.default_rng(height * width)
    page = rng.integers(0, 255, (1, height, width, 3), dtype=np.uint8)
    page[:, height // 3 :, : width // 2] = 240
    return page


@pytest.mark.parametrize("stretched", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_a_page_is_fitted_as_the_saved_model_fits_it(size: tuple[int, int], stretched: bool):
    page, canvas = tf.constant(noise(*size)), Canvas((128, 64), stretched=stretched)
    (ours, extent), (theirs, same) = fitted(page, canvas), place(page, canvas)
    np.testing.assert_array_equal(extent, same)
    assert np.abs(ours.numpy() - theirs.numpy()).max() <= 1  # a grey between two whole numbers is rounded either way
    assert np.mean(ours.numpy() != theirs.numpy()) < 0.01


def test_suppression_is_that_of_tensorflow():
    rng = np.random.default_rng(0)
    corners = rng.random((400, 2)).astype(np.float32) * 100
    boxes = np.concatenate([corners, corners + 5 + 20 * rng.random((400, 2))], axis=1).astype(np.float32)
    scores = rng.random((400, 4)).astype(np.float32) ** 6
    ours = suppress(tf.constant(boxes), tf.constant(scores))
    theirs = tf.image.combined_non_max_suppression(
        *(boxes[None, :, None], scores[None], 100, 100, MAX_OVERLAP, MIN_SCORE), clip_boxes=False
    )
    np.testing.assert_allclose(ours[0], theirs[0][0], atol=1e-6)
    np.testing.assert_allclose(ours[1], theirs[1][0], atol=1e-6)
    np.testing.assert_array_equal(ours[2], theirs[2][0] + 1)


def test_few_boxes_leave_the_rest_empty():
    boxes, scores, labels = suppress(tf.constant([[0.0, 0, 1, 1], [0, 0, 1, 1]]), tf.constant([[0.9, 0], [0.8, 0.7]]))
    np.testing.assert_allclose(scores[:3], [0.9, 0.7, 0])
    np.testing.assert_array_equal(labels[:3], [1, 2, 1])
    assert not boxes[2:].numpy().any()


def test_the_whole_detector_finds_the_same():
    model = accepted(*SMALL_DETECTOR).model
    network = model.build()
    for weight in network.trainable_weights:  # scores that differ
        weight.assign_add(0.02 * tf.random.stateless_normal(weight.shape, [1, 2]))
    plain = model.plain(network)
    ours, theirs = PortableDetector(plain, model), SignverDetector(plain, model.canvas)
    for page in (noise(300, 200), 255 - noise(200, 150)):
        found, expected = ours(tf.constant(page)), theirs.serve(tf.constant(page))
        assert found.keys() == expected.keys()
        np.testing.assert_allclose(found["detection_scores"], expected["detection_scores"], atol=0.01)
        best = found["detection_boxes"][0, :5], expected["detection_boxes"][0, :5]
        np.testing.assert_allclose(*best, atol=0.02)
        assert int(found["num_detections"][0]) == int(expected["num_detections"][0])
