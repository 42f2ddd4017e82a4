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
    seeds: tf.Tensor,
) -> tf.Tensor:
    """The loss of refined boxes: the mean over `BOXES_OF_A_PAGE` of each page, of which those not learned count as 0.

    Args:
      refiner: from `models.detector.box_refiner.build_refiner`.
      ink: float [B, H, W, 1], the input of the network.
      anchors: float32 [A, 4] in pixels.
      predicted, true: float32 [B, A, 4], offsets from the anchors that the network gives, and those of the objects.
      weights: float32 [B, A], 1 for the anchors of objects whose boxes are learned, otherwise 0.
      seeds: int64 [B, 2] of what is drawn for each page; B is known. With the page's position in the training as the
        seed, a resumed training and one on several ranks draw what an uninterrupted one of one process does.

    Returns:
      float32.
    """
    drawn = [_draw(seed, anchors.shape[0]) for seed in tf.unstack(seeds)]
    lots, from_truth, jitter = (tf.stack(values) for values in zip(*drawn, strict=True))
    _, chosen = tf.math.top_k(weights * lots, BOXES_OF_A_PAGE)
    predicted, true, weights = (tf.gather(values, chosen, batch_dims=1) for values in (predicted, true, weights))
    anchors = tf.gather(anchors, chosen)
    wanted = decoded(true, anchors)
    proposed = tf.stop_gradient(decoded(predicted, anchors))
    start = _moved(tf.where(from_truth[..., None], wanted, proposed), jitter)
    sides = tf.tile(tf.maximum(wanted[..., 2:] - wanted[..., :2], 1.0), [1, 1, 2])
    start = tf.clip_by_value(start, wanted - sides, wanted + sides)  # further away, there is nothing of the object
    better = look_again(refiner, ink, start)
    _, generalised = overlaps_of_boxes(wanted, better)
    distances = tf.reduce_mean(tf.abs(better - wanted) / sides, axis=-1)
    loss = 1.0 - generalised + _EDGE_WEIGHT * distances
    return tf.reduce_mean(weights * loss)


def _draw(seed: tf.Tensor, anchors: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """What is drawn for a page.

    Args:
      seed: int64 [2].
      anchors: their number.

    Returns:
      (float32 [anchors], numbers in [0.5, 1) that decide which anchors' boxes are refined; bool [K], whether they start
      from the true box; float32 [K, 4], by how much each edge moves, in heights and widths of the box, by an amount
      that differs from box to box).
    """
    of_lots, of_start, of_amount, of_edges = tf.unstack(tf.random.experimental.stateless_split(seed, 4))
    lots = tf.random.stateless_uniform([anchors], of_lots, 0.5, 1.0)
    from_truth = tf.random.stateless_uniform([BOXES_OF_A_PAGE], of_start) < _TRUE_SHARE
    amount = tf.random.stateless_uniform([BOXES_OF_A_PAGE, 1], of_amount, 0.0, _LARGEST_JITTER)
    return lots, from_truth, amount * tf.random.stateless_normal([BOXES_OF_A_PAGE, 4], of_edges)


def _moved(boxes: tf.Tensor, edges: tf.Tensor) -> tf.Tensor:
    """Boxes float32 [..., 4] with their edges moved by shares of their sides, unless that turns one inside out."""
    moved = boxes + edges * tf.tile(boxes[..., 2:] - boxes[..., :2], [1, 1, 2])
    return tf.where(tf.reduce_all(moved[..., 2:] > moved[..., :2], axis=-1, keepdims=True), moved, boxes)
