"""Shrinks pictures by a whole factor, several times as fast as by other factors."""

import cv2
import numpy as np


def block_means(picture: np.ndarray, side: int) -> np.ndarray:
    """The mean of each block of pixels.

    Args:
      picture: uint8 [H, W], of at least one block.
      side: of a block in pixels. Rows at the bottom and columns at the right that do not fill a block are left out.

    Returns:
      uint8 [H // side, W // side].
    """
    height, width = (length // side for length in picture.shape)
    whole = picture[: height * side, : width * side]
    return cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
