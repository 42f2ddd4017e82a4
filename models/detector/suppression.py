"""Which of the boxes that a network gives for one object are kept."""

import tensorflow as tf
from official.vision.ops import box_ops

MAX_OVERLAP = 0.3
"""Of two boxes of a class that overlap more, suppression keeps the better one. Objects of a class are side by side on
pages; 0.5, which is usual for photographs, sometimes leaves two boxes on a signature."""

MIN_SCORE = 0.01
"""Suppression drops boxes with a lower score."""

SAME_OBJECT = 0.5
"""Of two boxes that overlap more, whatever their classes, the one with the better score is shown. Short signatures and
initials look alike, so that both classes often score on the same ink."""

SECOND_SCORE = 0.2
"""Largest score of the others, less than `models.detector.metrics.SHOWN_SCORE`. With a score of 0, an object that gets
the wrong class would be lost at every score."""


def one_class_shown(boxes: tf.Tensor, scores: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Lowers the scores of boxes that overlap a better one of another class, after suppression within each class.

    Args:
      boxes: float32 [B, N, 4].
      scores: float32 [B, N], best first; N is known.
      labels: float32 or integer [B, N], from 1 on.

    Returns:
      The same tensors with these scores, best first.
    """
    count = scores.shape[1]
    better = tf.range(count)[None, :] < tf.range(count)[:, None]
    repeated = tf.reduce_any((box_ops.bbox_overlap(boxes, boxes) > SAME_OBJECT) & better, axis=2)
    scores, order = tf.math.top_k(tf.where(repeated, tf.minimum(scores, SECOND_SCORE), scores), count)
    return tf.gather(boxes, order, batch_dims=1), scores, tf.gather(labels, order, batch_dims=1)
