"""A second look at each box: a small network sees the page around it, enlarged, and moves its edges.

A RetinaNet predicts a box from a few features at one position of a coarse level. The edges of a wide signature are far
from it. Two-stage detectors, from Ren and others, "Faster R-CNN" (2015), to Cai and Vasconcelos, "Cascade R-CNN"
(2018), regress boxes from the features inside them; this network regresses them from the ink itself.
"""

from collections.abc import Sequence

import tensorflow as tf

from models.layers.scaled_convolution import ScaledConv2D

layers = tf.keras.layers

CROP = (48, 128)
"""Height and width in pixels of what the network sees of a box and its surroundings."""

SURROUNDINGS = 0.35
"""Of the page on each side of a box, as a share of the box's side."""

MIN_SCORE = 0.05
"""Boxes with a lower score stay as they are; refining them costs more time than it is worth."""

MOST_BOXES = 32
"""Boxes of a page that are refined, those with the best scores."""

_BLOCK = 2
"""Side in pixels of what the first convolution takes to one position."""

_FIRST_FILTERS = 16


def build_refiner(filters: Sequence[int]) -> tf.keras.Model:
    """The network, for any class of object.

    Args:
      filters: of its levels; each but the first has half the resolution of the one before and a residual block. The
        last ones are also those of the vector from which the edges are predicted.

    Returns:
      Model from ink float [N, 48, 128, 1] to edges float32 [N, 4]: by how much ymin, xmin, ymax and xmax move, in
      heights and widths of the box. A new network moves them little.
    """
    ink = layers.Input((*CROP, 1), name="surroundings")
    x = ScaledConv2D(_FIRST_FILTERS, _BLOCK, strides=_BLOCK, padding="same", activation="relu")(ink)
    x = ScaledConv2D(filters[0], 3, padding="same", activation="relu")(x)
    for width in filters[1:]:
        x = ScaledConv2D(width, 2, strides=2, padding="same", activation="relu")(x)
        change = ScaledConv2D(width, 3, padding="same", activation="relu")(x)
        change = ScaledConv2D(width, 3, padding="same")(change)
        x = layers.Activation("relu")(layers.Add()([x, 0.5 * change]))
    x = ScaledConv2D(filters[-1], x.shape[1:3], activation="relu")(x)
    edges = layers.Conv2D(4, 1, kernel_initializer=tf.keras.initializers.RandomNormal(stddev=0.01))(x)
    edges = layers.Reshape((4,))(edges)
    return tf.keras.Model(ink, layers.Activation("linear", dtype="float32")(edges), name="refiner")


def refiner_of(network: tf.keras.Model) -> tf.keras.Model | None:
    """The refiner of a detector's network; None if it has none, as a network of tf-models alone."""
    return getattr(network, "refiner", None)


def look_again(refiner: tf.keras.Model, ink: tf.Tensor, boxes: tf.Tensor) -> tf.Tensor:
    """Boxes with their edges moved.

    Args:
      refiner: from `build_refiner`.
      ink: float [B, H, W, 1], the input of the detector: 0 for paper.
      boxes: float32 [B, K, 4], ymin, xmin, ymax, xmax in pixels of the input.

    Returns:
      float32 [B, K, 4], which may exceed the page.
    """
    seen = tf.reshape(surroundings(tf.cast(ink[..., 0], tf.float32), boxes), [-1, *CROP, 1])
    edges = tf.reshape(tf.cast(refiner(seen), tf.float32), tf.shape(boxes))
    return boxes + edges * tf.tile(boxes[..., 2:] - boxes[..., :2], [1, 1, 2])


def surroundings(ink: tf.Tensor, boxes: tf.Tensor) -> tf.Tensor:
    """What the refiner sees of each box: the page around it, resized by products with matrices.

    Sampling is linear, over as much of the page as a pixel of the result covers, so that thin strokes do not vanish.

    Args:
      ink: float32 [B, H, W].
      boxes: float32 [B, K, 4].

    Returns:
      float32 [B, K, 48, 128], 0 outside the page.
    """
    count = tf.shape(boxes)[1]
    rows = _sampling(boxes[..., 0], boxes[..., 2], CROP[0], ink.shape[1])
    columns = _sampling(boxes[..., 1], boxes[..., 3], CROP[1], ink.shape[2])
    wide = tf.matmul(tf.reshape(rows, [-1, count * CROP[0], ink.shape[1]]), ink)
    return tf.matmul(tf.reshape(wide, [-1, count, CROP[0], ink.shape[2]]), columns, transpose_b=True)


def _sampling(low: tf.Tensor, high: tf.Tensor, samples: int, pixels: int) -> tf.Tensor:
    """float32 [B, K, samples, pixels]: weights of the pixels of a side of the page in each sample around a box."""
    room = SURROUNDINGS * (high - low)
    start, step = low - room, tf.maximum((high - low + 2 * room) / samples, 1e-3)
    centre = start[..., None] + (tf.range(samples, dtype=tf.float32) + 0.5) * step[..., None]
    reach = tf.maximum(step, 1.0)[..., None, None]
    distance = tf.abs(tf.range(pixels, dtype=tf.float32) + 0.5 - centre[..., None])
    return tf.maximum(1.0 - distance / reach, 0.0) / reach


def refined(
    refiner: tf.keras.Model, ink: tf.Tensor, boxes: tf.Tensor, scores: tf.Tensor, extent: tf.Tensor, share: float
) -> tf.Tensor:
    """The boxes that a detector gives, those with the best scores refined.

    Args:
      refiner, ink: as of `look_again`.
      boxes: float32 [B, N, 4], best first.
      scores: float32 [B, N]; 0 for padding.
      extent: float32 [B, 2], height and width of the page on the input, to which the boxes are clipped.
      share: of the way that the edges move, in [0, 1].

    Returns:
      float32 [B, N, 4].
    """
    good = scores >= MIN_SCORE
    count = tf.reduce_max(tf.reduce_sum(tf.cast(good, tf.int32), axis=1))
    count = tf.clip_by_value(count, 1, MOST_BOXES)  # a convolution of nothing is an error in some builds of TensorFlow
    best = boxes[:, :count]
    better = best + share * (look_again(refiner, ink, best) - best)
    limits = tf.tile(extent, [1, 2])[:, None]
    better = tf.minimum(tf.maximum(better, 0.0), limits)
    valid = good[:, :count] & tf.reduce_all(better[..., 2:] > better[..., :2], axis=-1)
    return tf.concat([tf.where(valid[..., None], better, best), boxes[:, count:]], axis=1)
