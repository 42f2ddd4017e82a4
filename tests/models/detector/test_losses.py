"""The loss of overlaps: against boxes whose overlap is known."""

import numpy as np
import pytest
import tensorflow as tf

from data.pages.anchor_targets import box_offsets, overlaps
from models.detector.losses import giou_loss, overlaps_of_offsets


def random_boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    start = rng.uniform(0, 300, (count, 2))
    return np.hstack([start, start + rng.uniform(5, 120, (count, 2))]).astype(np.float32)


def test_overlaps_from_offsets_are_those_of_the_boxes():
    rng = np.random.default_rng(1)
    anchors, true, found = (random_boxes(rng, 200) for _ in range(3))
    found[:100] = true[:100] + rng.uniform(-4, 4, (100, 4)).astype(np.float32)
    expected = overlaps(true, found.T).diagonal()
    overlap, generalised = overlaps_of_offsets(
        tf.constant(box_offsets(true, anchors)), tf.constant(box_offsets(found, anchors))
    )
    np.testing.assert_allclose(overlap, expected, atol=1e-4)
    assert (generalised.numpy() <= overlap.numpy() + 1e-6).all()
    assert generalised.numpy().min() < -0.5  # boxes far apart are worse than neighbours
    np.testing.assert_allclose(generalised.numpy()[expected > 0.95], expected[expected > 0.95], atol=0.05)


def test_the_loss_is_zero_for_the_true_box_and_counts_weights():
    rng = np.random.default_rng(2)
    anchors, true = random_boxes(rng, 3), random_boxes(rng, 3)
    offsets = tf.constant(box_offsets(true, anchors))
    assert float(giou_loss(offsets, offsets, tf.ones(3))) == pytest.approx(0, abs=1e-5)
    far = offsets + 5.0
    assert float(giou_loss(offsets, far, tf.constant([1.0, 0.0, 0.0]))) == pytest.approx(
        float(giou_loss(offsets[:1], far[:1], tf.ones(1)))
    )


def test_boxes_apart_move_towards_each_other_and_wild_outputs_stay_finite():
    true = tf.zeros([1, 4])
    for start in (tf.constant([[3.0, 0.0, 0.0, 0.0]]), tf.constant([[-50.0, 80.0, 40.0, -40.0]])):
        moved = tf.Variable(start)
        with tf.GradientTape() as tape:
            loss = giou_loss(true, moved, tf.ones(1))
        gradient = tape.gradient(loss, moved)
        assert np.isfinite(gradient.numpy()).all()
        assert np.isfinite(float(loss))
    apart = tf.Variable([[3.0, 0.0, 0.0, 0.0]])
    with tf.GradientTape() as tape:
        loss = giou_loss(true, apart, tf.ones(1))
    assert tape.gradient(loss, apart).numpy()[0, 0] > 0  # a step against it moves the box back
