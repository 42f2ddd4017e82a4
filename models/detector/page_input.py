"""From the pixels of a page to what a detector's network takes."""

import tensorflow as tf

MEAN_RGB, STDDEV_RGB = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet, in [0, 1]: what tf-models' checkpoints were trained with."""


def network_input(pages: tf.Tensor, channels: int) -> tf.Tensor:
    """Grey pages as a network's input.

    Args:
      pages: uint8 or float [B, H, W, 1], 0 black to 255 white.
      channels: 3 for a network with ImageNet's colours (mean 0, deviation 1), 1 for one that takes ink.

    Returns:
      float32 [B, H, W, channels]. Ink is 0 for paper and 1 for the strongest ink, whichever of black and white the
      paper is: a page is taken for inverted if it is mostly dark.
    """
    light = tf.cast(pages, tf.float32) / 255.0
    if channels == 3:
        return (light - tf.constant(MEAN_RGB)) / tf.constant(STDDEV_RGB)
    inverted = tf.reduce_mean(light, axis=[1, 2, 3], keepdims=True) < 0.5
    return tf.where(inverted, light, 1.0 - light)
