"""Warps signatures to signatures that look like those of other writers."""

import cv2
import numpy as np


def warp_ink(rng: np.random.Generator, ink: np.ndarray) -> np.ndarray:
    """Turns, slants, stretches and bends a signature, sometimes mirrors it, and makes its lines thicker or thinner.

    A few dozen writers must represent all handwriting, so a warp should change the look of the writer.

    Args:
      rng: source of every random choice.
      ink: bool [H, W] at scan size.

    Returns:
      bool [H, W].
    """
    height, width = ink.shape
    angle, slant = np.deg2rad(rng.normal(0, 5)), rng.normal(0, 0.25)
    scale_x, scale_y = rng.uniform(0.6, 1.15, 2)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = rotation @ np.array([[scale_x, slant], [0, scale_y]])
    if rng.random() < 0.3:
        linear[:, 0] *= -1  # mirrored: these are still pen strokes; print is never mirrored
    centre = np.array([width / 2, height / 2])
    shift = rng.normal(0, 0.05, 2) * (width, height)
    x = np.arange(width) - centre[0] - shift[0]
    y = np.arange(height)[:, None] - centre[1] - shift[1]
    inverse = np.linalg.inv(linear)
    source = [  # the source of each new pixel: the inverse affine map, and a slight bend
        (inverse[axis, 0] * x + centre[axis]).astype(np.float32)
        + (inverse[axis, 1] * y).astype(np.float32)
        + _smooth_field(rng, height, width, 0.02 * min(height, width))
        for axis in range(2)
    ]
    grey = cv2.remap(ink.astype(np.uint8) * 255, source[0], source[1], cv2.INTER_LINEAR)
    grey = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.6, 1.6))
    return grey > 255 * rng.uniform(0.2, 0.55)  # a low threshold thickens the pen, a high one thins it


def _smooth_field(rng: np.random.Generator, height: int, width: int, scale: float) -> np.ndarray:
    """float32 [height, width], a random surface of standard deviation `scale` that bends over a quarter of the scan."""
    coarse = rng.normal(0, scale, (5, 6)).astype(np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
