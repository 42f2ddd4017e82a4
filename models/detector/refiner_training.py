"""What the refiner learns from: the boxes that the network itself gives for objects, and jittered true ones."""

import tensorflow as tf

from models.detector.box_refiner import look_again
from models.detector.losses import overlaps_of_boxes

BOXES_OF_A_PAGE = 6
"""Boxes of each page of a batch that are refined, several of one object."""

_TRUE_SHARE = 0.5
"""Share of these that are jittered true boxes. A new network gives no box worth refining."""

_LARGEST_JITTER = 0.2
"""Largest standard deviation of an edge, in heights and widths of the box."""

_EDGE_WEIGHT = 2.0
"""Of the edges' distances, in heights and widths, against 1 - generalised intersection over union."""

_LARGEST_LOG = 3.0
"""Of a side of a proposed box over that of its anchor."""


def decoded(offsets: tf.Tensor, anchors: tf.Tensor) -> tf.Tensor:
    """The inverse of `data.pages.anchor_targets.box_offsets`: float32 [..., 4] of offsets and anchors [..., 4]."""
    sides = anchors[..., 2:] - anchors[..., :2]
    centres = (anchors[..., :2] + anchors[..., 2:]) / 2 + offsets[..., :2] * sides
    half = tf.exp(tf.clip_by_value(offsets[..., 2:], -_LARGEST_LOG, _LARGEST_LOG)) * sides / 2
    return tf.concat([centres - half, centres + half], axis=-1)


def refiner_loss(
    refiner: tf.keras.Model,
    ink: tf.Tensor,
    anchors: tf.Tensor,
    predicted: tf.Tensor,
    true: tf.Tensor,
    weights: tf.Tensor,
    seed: tf.Tensor,
) -> tf.Tensor:
    """The mean loss of refined boxes.

    Args:
      refiner: from `models.detector.box_refiner.build_refiner`.
      ink: float [B, H, W, 1], the input of the network.
      anchors: float32 [A, 4] in pixels.
      predicted, true: float32 [B, A, 4], offsets from the anchors that the network gives, and those of the objects.
      weights: float32 [B, A], 1 for the anchors of objects whose boxes are learned, otherwise 0.
      seed: int64 [2], of what is drawn, so that a resumed training draws what an uninterrupted one does.

    Returns:
      float32, 0 if no box is learned.
    """
    of_lot, of_start, of_amount, of_edges = tf.unstack(tf.random.experimental.stateless_split(seed, 4))
    lot = tf.random.stateless_uniform(tf.shape(weights), of_lot, 0.5, 1.0)
    _, chosen = tf.math.top_k(weights * lot, BOXES_OF_A_PAGE)
    predicted, true, weights = (tf.gather(values, chosen, batch_dims=1) for values in (predicted, true, weights))
    anchors = tf.gather(anchors, chosen)
    wanted = decoded(true, anchors)
    proposed = tf.stop_gradient(decoded(predicted, anchors))
    from_truth = tf.random.stateless_uniform(tf.shape(weights), of_start) < _TRUE_SHARE
    start = _jittered(tf.where(from_truth[..., None], wanted, proposed), of_amount, of_edges)
    sides = tf.tile(tf.maximum(wanted[..., 2:] - wanted[..., :2], 1.0), [1, 1, 2])
    start = tf.clip_by_value(start, wanted - sides, wanted + sides)  # further away, there is nothing of the object
    better = look_again(refiner, ink, start)
    _, generalised = overlaps_of_boxes(wanted, better)
    distances = tf.reduce_mean(tf.abs(better - wanted) / sides, axis=-1)
    loss = 1.0 - generalised + _EDGE_WEIGHT * distances
    return tf.math.divide_no_nan(tf.reduce_sum(weights * loss), tf.reduce_sum(weights))


def _jittered(boxes: tf.Tensor, of_amount: tf.Tensor, of_edges: tf.Tensor) -> tf.Tensor:
    """Boxes float32 [B, K, 4] with each edge moved at random, by an amount that differs from box to box.

    The seeds, int64 [2] each, are those of the amounts and of the edges.
    """
    sides = tf.tile(boxes[..., 2:] - boxes[..., :2], [1, 1, 2])
    amount = tf.random.stateless_uniform(tf.shape(boxes[..., :1]), of_amount, 0.0, _LARGEST_JITTER)
    moved = boxes + amount * tf.random.stateless_normal(tf.shape(boxes), of_edges) * sides
    return tf.where(tf.reduce_all(moved[..., 2:] > moved[..., :2], axis=-1, keepdims=True), moved, boxes)
