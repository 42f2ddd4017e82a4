"""Which ink of a crop stays, decided for whole pieces of ink where these are letters or specks.

The network decides for each pixel. Print that nothing crosses is a piece by itself: what is left of one that is mostly
gone is no signature, and a letter's worth of ink is a part of the signature or is not.
"""

import cv2
import numpy as np

from models.cleaner.metrics import INK_THRESHOLD
from models.cleaner.views import stroke_width

_SMALL = 20
"""Longest side, in widths of strokes, of a piece that stays or goes as a whole."""

_WHITE = 0.4
"""Mean whiteness from which on a small piece goes: below a half, since traces of print disturb more than gaps."""

_LEFT = 0.3
"""Share of a piece's ink below which what the network would leave of it goes too."""


def kept_ink(ink: np.ndarray, whiteness: np.ndarray) -> np.ndarray:
    """The ink that stays.

    Args:
      ink: bool [H, W].
      whiteness: float32 [H, W] in [0, 1], what the network gives.

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
    small = sides <= _SMALL * stroke_width(ink)
    keep |= ink & (small & (white < _WHITE))[pieces]
    keep &= ~(small & (white >= _WHITE) | (left < _LEFT))[pieces]
    return keep
