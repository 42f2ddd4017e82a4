"""Boxes averaged over all that a network gives for an object, which vary less than the box of the best score."""

import tensorflow as tf
from official.vision.ops import box_ops

from models.detector.suppression import MIN_SCORE

LEAST_OVERLAP = 0.5
"""A candidate counts for a box if it overlaps the box by more."""

MOST_CANDIDATES = 1000
"""Candidates with the best scores that are looked at; a network gives one for each anchor."""


def averaged(boxes: tf.Tensor, labels: tf.Tensor, candidates: tf.Tensor, scores: tf.Tensor) -> tf.Tensor:
    """Replaces each box by the mean of the candidates that overlap it, weighted by their scores of its class.

    Gidaris and Komodakis, "Object detection via a multi-region and semantic segmentation-aware CNN model" (2015), call
    this box voting.

    Args:
      boxes: float32 [B, K, 4], after suppression.
      labels: float32 or integer [B, K], of the boxes, from 1 on.
      candidates: float32 [B, N, 4], before suppression; N is known.
      scores: float32 [B, N, classes], of the candidates.

    Returns:
      float32 [B, K, 4]; a box that no candidate with `MIN_SCORE` overlaps stays.
    """
    _, best = tf.math.top_k(tf.reduce_max(scores, axis=2), min(MOST_CANDIDATES, scores.shape[1]))
    candidates, scores = (tf.gather(values, best, batch_dims=1) for values in (candidates, scores))
    of_label = tf.one_hot(tf.cast(labels, tf.int32) - 1, scores.shape[2])
    weights = tf.matmul(of_label, scores, transpose_b=True)
    counts = (box_ops.bbox_overlap(boxes, candidates) > LEAST_OVERLAP) & (weights >= MIN_SCORE)
    weights = tf.where(counts, weights, 0.0)
    total = tf.reduce_sum(weights, axis=2, keepdims=True)
    means = tf.math.divide_no_nan(tf.matmul(weights, candidates), total)
    low, high = (reduce(candidates, axis=1, keepdims=True) for reduce in (tf.reduce_min, tf.reduce_max))
    means = tf.clip_by_value(means, low, high)  # rounding must not lead over the edge of the page
    return tf.where(total > 0, means, boxes)
