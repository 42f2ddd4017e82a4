"""Decides which ink of a crop is kept, for whole connected pieces if these are as small as letters or specks.

The network decides for each pixel. Print that no stroke crosses is a connected piece of its own: the remains of a
mostly removed piece are removed too, and a piece as small as a letter is kept or removed as a whole.
"""

import cv2
import numpy as np

from models.cleaner.metrics import INK_THRESHOLD

_SMALL = 20
"""Longest side, in stroke widths, of a piece that is kept or removed as a whole."""

_WHITE = 0.4
"""Least mean whiteness at which a small piece is removed: below 0.5, since traces of print are worse than gaps."""

_LEFT = 0.3
"""A piece of which the network keeps a smaller share of the ink is removed."""


def kept_ink(ink: np.ndarray, whiteness: np.ndarray, stroke: float) -> np.ndarray:
    """The ink that is kept.

    Args:
      ink: bool [H, W].
      whiteness: float32 [H, W] in [0, 1], the output of the network.
      stroke: usual width of the strokes in pixels (`models.cleaner.views.stroke_width`).

    Returns:
      bool [H, W].
    """
    keep = ink & (whiteness < INK_THRESHOLD)
    count, pieces, boxes, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    number = pieces[ink]
    area = np.maximum(np.bincount(number, minlength=count), 1)
    white = np.bincount(number, whiteness[ink], count) / area
    left = np.bincount(number, keep[ink], count) / area
    sides = boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    small = sides <= _SMALL * stroke
    keep |= ink & (small & (white < _WHITE))[pieces]
    keep &= ~(small & (white >= _WHITE) | (left < _LEFT))[pieces]
    return keep
