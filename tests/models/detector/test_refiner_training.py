"""The refiner learns from the boxes of objects whose boxes are learned, and from nothing else."""

import numpy as np
import pytest
import tensorflow as tf

from data.pages.anchor_targets import box_offsets
from models.detector.box_refiner import build_refiner, look_again
from models.detector.losses import overlaps_of_boxes
from models.detector.refiner_training import decoded, refiner_loss
from models.muon import Muon

ANCHORS = np.array([[8.0 * i, 8.0 * i, 8.0 * i + 32, 8.0 * i + 32] for i in range(10)], np.float32)


def pages(rng: np.random.Generator, count: int) -> tuple[tf.Tensor, tf.Tensor]:
    """(ink [count, 128, 128, 1] with a filled rectangle each, its box [count, 10, 4] for each anchor)."""
    ink, boxes = np.zeros((count, 128, 128, 1), np.float32), np.zeros((count, len(ANCHORS), 4), np.float32)
    for number in range(count):
        (top, left), (height, width) = rng.integers(20, 50, 2), rng.integers(16, 50, 2)
        ink[number, top : top + height, left : left + width] = 1.0
        boxes[number] = (top, left, top + height, left + width)
    return tf.constant(ink), tf.constant(boxes)


SEEDS = tf.constant([[1, 2], [1, 3]], tf.int64)


def offsets(boxes: tf.Tensor) -> tf.Tensor:
    return tf.stack([box_offsets(page, ANCHORS) for page in boxes.numpy()])


def test_decoding_is_the_inverse_of_the_targets_offsets():
    _, boxes = pages(np.random.default_rng(0), 3)
    np.testing.assert_allclose(decoded(offsets(boxes), tf.constant(ANCHORS)), boxes, rtol=1e-4)


def test_without_a_learned_box_there_is_no_loss():
    ink, boxes = pages(np.random.default_rng(0), 2)
    true = offsets(boxes)
    loss = refiner_loss(
        build_refiner([8, 8]), ink, tf.constant(ANCHORS), true, true, tf.zeros((2, len(ANCHORS))), SEEDS
    )
    assert float(loss) == 0.0


def test_boxes_that_are_not_learned_do_not_count():
    ink, boxes = pages(np.random.default_rng(0), 2)
    true, refiner = offsets(boxes), build_refiner([8, 8])
    weights = tf.constant([[1.0] * len(ANCHORS), [0.0] * len(ANCHORS)])
    wrong = tf.stack([true[0], true[1] + 3.0])  # the other page's objects are far from where they are said to be
    loss = refiner_loss(refiner, ink, tf.constant(ANCHORS), true, wrong, weights, SEEDS)
    assert float(loss) == pytest.approx(
        float(refiner_loss(refiner, ink, tf.constant(ANCHORS), true, true, weights, SEEDS)), rel=1e-5
    )


def test_outputs_of_a_new_network_give_a_finite_loss():
    ink, boxes = pages(np.random.default_rng(0), 2)
    wild = tf.random.stateless_normal((2, len(ANCHORS), 4), [1, 2], stddev=100.0)
    loss = refiner_loss(
        build_refiner([8, 8]), ink, tf.constant(ANCHORS), wild, offsets(boxes), tf.ones((2, len(ANCHORS))), SEEDS
    )
    assert np.isfinite(float(loss))
    assert float(loss) < 20


def test_two_ranks_lose_what_one_process_with_both_pages_does():
    ink, boxes = pages(np.random.default_rng(0), 2)
    true, refiner, weights = offsets(boxes), build_refiner([8, 8]), tf.constant([[1.0] * 10, [1.0] * 3 + [0.0] * 7])

    def loss(rows: slice) -> float:
        parts = (values[rows] for values in (true, true, weights, SEEDS))
        return float(refiner_loss(refiner, ink[rows], tf.constant(ANCHORS), *parts))

    both, first, second = loss(slice(0, 2)), loss(slice(0, 1)), loss(slice(1, 2))
    assert first != second
    assert both == pytest.approx((first + second) / 2, rel=1e-5)


def test_it_learns_to_find_the_edges_of_what_is_there():
    tf.keras.utils.set_random_seed(1)
    rng, refiner, optimizer = np.random.default_rng(1), build_refiner([16, 16, 32]), Muon(5e-3)
    anchors, weights = tf.constant(ANCHORS), tf.ones((8, len(ANCHORS)))

    @tf.function
    def step(ink: tf.Tensor, true: tf.Tensor, seeds: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            loss = refiner_loss(refiner, ink, anchors, true, true, weights, seeds)
        variables = refiner.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    for number in range(120):
        ink, boxes = pages(rng, 8)
        step(ink, offsets(boxes), tf.constant([[1, 8 * number + row] for row in range(8)], tf.int64))
    ink, boxes = pages(np.random.default_rng(2), 32)
    boxes = boxes[:, :1]
    sides = tf.tile(boxes[..., 2:] - boxes[..., :2], [1, 1, 2])
    near = boxes + 0.15 * sides * tf.constant([-1.0, 1, 1, -1])
    before, after = (
        float(tf.reduce_mean(overlaps_of_boxes(boxes, found)[0])) for found in (near, look_again(refiner, ink, near))
    )
    assert before < 0.62
    assert after > 0.8
