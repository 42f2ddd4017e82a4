"""Losses that tf-models' RetinaNet does not have."""

import tensorflow as tf

_LARGEST_LOG = 6.0
"""Of a side over that of its anchor; a new network's outputs must not overflow."""


def _corners(offsets: tf.Tensor) -> tf.Tensor:
    """ymin, xmin, ymax, xmax, [..., 4], of boxes in units of their anchors' sides.

    Intersection over union does not change when an axis is scaled, so the anchors' own sides are not needed.
    """
    half = tf.exp(tf.clip_by_value(offsets[..., 2:], -_LARGEST_LOG, _LARGEST_LOG)) / 2
    return tf.concat([offsets[..., :2] - half, offsets[..., :2] + half], axis=-1)


def overlaps_of_offsets(true: tf.Tensor, predicted: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """As `overlaps_of_boxes`, of offsets from the same anchors (`data.pages.anchor_targets.box_offsets`)."""
    return overlaps_of_boxes(_corners(true), _corners(predicted))


def overlaps_of_boxes(true: tf.Tensor, predicted: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """How boxes overlap the true ones.

    Args:
      true, predicted: float32 [..., 4], ymin, xmin, ymax, xmax.

    Returns:
      (intersection over union in [0, 1], generalised intersection over union in [-1, 1]), float32 [...]. See
      Rezatofighi and others, "Generalized intersection over union" (2019).
    """
    true_low, true_high, low, high = true[..., :2], true[..., 2:], predicted[..., :2], predicted[..., 2:]

    def area(lower: tf.Tensor, upper: tf.Tensor) -> tf.Tensor:
        return tf.reduce_prod(tf.maximum(upper - lower, 0.0), axis=-1)

    common = area(tf.maximum(true_low, low), tf.minimum(true_high, high))
    union = area(true_low, true_high) + area(low, high) - common
    around = area(tf.minimum(true_low, low), tf.maximum(true_high, high))
    overlap = common / tf.maximum(union, 1e-9)
    return overlap, overlap - (around - union) / tf.maximum(around, 1e-9)


def giou_loss(true: tf.Tensor, predicted: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """The sum of 1 - generalised intersection over union, times weights.

    Args:
      true, predicted: float32 [..., 4], offsets from the same anchors.
      weights: float32 [...].
    """
    _, generalised = overlaps_of_offsets(true, predicted)
    return tf.reduce_sum(weights * (1.0 - generalised))
