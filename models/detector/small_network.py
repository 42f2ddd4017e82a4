"""A RetinaNet for few cores: light backbone, narrow pyramid, narrow head.

The shape is that of Lin and others, "Focal loss for dense object detection" (2017), and the parts fit together as
tf-models' do: a backbone and a decoder with features by level, and a head that all levels share.
"""

import math
from collections.abc import Sequence

import tensorflow as tf

from models.layers.scaled_convolution import ScaledConv2D

layers = tf.keras.layers

BLOCK_SIZE = 4
"""Side in pixels of the blocks that the first convolution sees as one position with 16 channels, without loss."""

FIRST_LEVEL = 2
"""Of the first features: a stride of 4 pixels."""

PRIOR = 0.01
"""Initial score of every class at every anchor, as in the paper."""


def build_backbone(filters: Sequence[int], blocks: int) -> tf.keras.Model:
    """Residual blocks, halving the resolution from level to level.

    Args:
      filters: of each level from 2 (stride 4) on.
      blocks: residual blocks of each level from 3 on; level 2 has one convolution.

    Returns:
      Model from ink float [B, H, W, 1] to {"3": [B, H / 8, W / 8, filters[1]], "4": ...}.
    """
    ink = layers.Input((None, None, 1), name="ink")
    x = tf.nn.space_to_depth(ink, BLOCK_SIZE)
    x = ScaledConv2D(filters[0], 3, padding="same", activation="relu")(x)
    features = {}
    for level, width in enumerate(filters[1:], start=FIRST_LEVEL + 1):
        x = ScaledConv2D(width, 2, strides=2, padding="same", activation="relu")(x)
        for _ in range(blocks):
            x = _residual_block(x, width)
        features[str(level)] = x
    return tf.keras.Model(ink, features, name="backbone")


def _residual_block(x: tf.Tensor, width: int) -> tf.Tensor:
    change = ScaledConv2D(width, 3, padding="same", activation="relu")(x)
    change = ScaledConv2D(width, 3, padding="same")(change)
    return layers.Activation("relu")(layers.Add()([x, 0.5 * change]))


def build_pyramid(filters: Sequence[int], width: int) -> tf.keras.Model:
    """Adds the features of coarse levels to those of fine ones (Lin and others, "Feature pyramid networks", 2017).

    Args:
      filters: of each level of the backbone, from 3 on.
      width: channels of every level of the pyramid.

    Returns:
      Model from the backbone's features to features [B, h, w, width] by level.
    """
    inputs = {
        str(level): layers.Input((None, None, count), name=f"level_{level}")
        for level, count in enumerate(filters, start=FIRST_LEVEL + 1)
    }
    outputs, above = {}, None
    for level in sorted(inputs, key=int, reverse=True):
        x = layers.Conv2D(width, 1, kernel_initializer="he_normal")(inputs[level])
        if above is not None:
            larger = tf.repeat(tf.repeat(above, 2, axis=1), 2, axis=2)
            x = layers.Add()([x, larger[:, : tf.shape(x)[1], : tf.shape(x)[2]]])
        above = outputs[level] = x
    return tf.keras.Model(inputs, dict(sorted(outputs.items())), name="pyramid")


def build_head(
    num_classes: int, anchors_per_location: int, width: int, convolutions: tuple[int, int], levels: Sequence[int]
) -> tf.keras.Model:
    """Predicts the class and the box of each anchor; all levels share its convolutions.

    Args:
      num_classes: including the background, class 0.
      anchors_per_location: anchors at each position of each level.
      width: channels of the pyramid and of the convolutions.
      convolutions: before the towers for classes and boxes part, and again in each of them.
      levels: of the pyramid.

    Returns:
      Model from features by level to {"scores": logits, "boxes": offsets} by level, float32
      [B, h, w, anchors_per_location * num_classes] and [B, h, w, anchors_per_location * 4].
    """

    def tower(count: int) -> list[layers.Layer]:
        return [ScaledConv2D(width, 3, padding="same", activation="relu") for _ in range(count)]

    def predictor(outputs: int, bias: float) -> list[layers.Layer]:
        kernel, start = tf.keras.initializers.RandomNormal(stddev=0.01), tf.keras.initializers.Constant(bias)
        options = {"kernel_initializer": kernel, "bias_initializer": start}
        convolution = layers.Conv2D(outputs * anchors_per_location, 3, padding="same", **options)
        return [convolution, layers.Activation("linear", dtype="float32")]

    shared = tower(convolutions[0])
    to_scores = [*shared, *tower(convolutions[1]), *predictor(num_classes, -math.log((1 - PRIOR) / PRIOR))]
    to_boxes = [*shared, *tower(convolutions[1]), *predictor(4, 0.0)]
    inputs = {str(level): layers.Input((None, None, width), name=f"pyramid_{level}") for level in levels}
    outputs = {
        name: {level: _through(path, feature) for level, feature in inputs.items()}
        for name, path in (("scores", to_scores), ("boxes", to_boxes))
    }
    return tf.keras.Model(inputs, outputs, name="head")


def _through(path: list[layers.Layer], x: tf.Tensor) -> tf.Tensor:
    for layer in path:
        x = layer(x)
    return x


class Head(layers.Layer):
    """A network from `build_head` with the outputs of tf-models' `RetinaNetHead`: scores, boxes, no attributes."""

    def __init__(self, network: tf.keras.Model, **options) -> None:
        super().__init__(**options)
        self.network = network

    def call(self, features: dict[str, tf.Tensor]) -> tuple[dict, dict, dict]:
        """Logits and box offsets by level."""
        outputs = self.network(features)
        return outputs["scores"], outputs["boxes"], {}
