"""The connected pieces of a crop's ink: the width of their strokes, and which of them are kept.

The network decides for each pixel. Print that no stroke crosses is a connected piece of its own: the remains of a
mostly removed piece are removed too, and a piece as small as a letter is kept or removed as a whole.
"""

import math

import cv2
import numpy as np

from models.cleaner.metrics import INK_THRESHOLD

_SMALL = 20
"""Longest side, in stroke widths, of a piece that is kept or removed as a whole."""

_WHITE = 0.4
"""Least mean whiteness at which a small piece is removed: below 0.5, since traces of print are worse than gaps."""

_LEFT = 0.3
"""A piece of which the network keeps a smaller share of the ink is removed."""


_LEAST_STROKE = 1.5
"""Least stroke width in pixels: thinner ink, such as the dots of a scanner's halftone, says nothing about the scale."""

_SPECK = 8
"""Area in pixels of the largest speck that does not count as a stroke."""


class Pieces:
    """The connected pieces of the ink of a crop.

    Args:
      ink: bool [H, W].

    Attributes:
      stroke: usual width of the lines in pixels: the median over the length of all lines, where the width of one piece
        is twice its area by the length of its outline.
    """

    def __init__(self, ink: np.ndarray) -> None:
        self._ink = ink
        self._count, self._numbers, self._sizes, _ = cv2.connectedComponentsWithStats(
            ink.view(np.uint8), connectivity=8
        )
        self.stroke = self._stroke_width()

    def _stroke_width(self) -> float:
        area = self._sizes[1:, cv2.CC_STAT_AREA].astype(float)
        numbers = np.pad(self._numbers, 1)
        outline = np.zeros(self._count)
        for one, other in ((numbers[1:], numbers[:-1]), (numbers[:, 1:], numbers[:, :-1])):
            edges = (one > 0) != (other > 0)
            outline += np.bincount(one[edges] + other[edges], minlength=self._count)  # one of the two is 0
        outline = outline[1:] * math.pi / 4  # a line at any angle crosses 4 / pi as many sides of pixels as it is long
        large = area > _SPECK
        if not large.any():
            return _LEAST_STROKE
        width, length = 2 * area[large] / outline[large], outline[large]
        order = np.argsort(width)
        passed = np.cumsum(length[order])
        return max(_LEAST_STROKE, float(width[order][np.searchsorted(passed, passed[-1] / 2)]))

    def kept(self, whiteness: np.ndarray) -> np.ndarray:
        """The ink that is kept, bool [H, W], by the output of the network, float32 [H, W] in [0, 1]."""
        keep = self._ink & (whiteness < INK_THRESHOLD)
        number = self._numbers[self._ink]
        area = np.maximum(np.bincount(number, minlength=self._count), 1)
        white = np.bincount(number, whiteness[self._ink], self._count) / area
        left = np.bincount(number, keep[self._ink], self._count) / area
        sides = self._sizes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
        small = sides <= _SMALL * self.stroke
        keep |= self._ink & (small & (white < _WHITE))[self._numbers]
        keep &= ~(small & (white >= _WHITE) | (left < _LEFT))[self._numbers]
        return keep
