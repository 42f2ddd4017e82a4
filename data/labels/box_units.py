"""Decides what the four numbers of a box mean if a tool does not follow its format."""

import math
from collections.abc import Sequence

import numpy as np

_OVER = 0.05
"""Share of the page by which a box may exceed its edge; a box that exceeds it further has other units or corners."""

_PER_CENT = 100.0

_LEAST_BOXES = 3
"""Fewest boxes that show a unit."""

_LARGE, _MEDIUM = 1000, 300
"""Shorter sides in pixels of pages on which boxes in the first 100 by 100 pixels are per cent, or may be."""

UNSURE = "unsure: all boxes lie in the first 100 by 100 pixels; if they are per cent of the page, export them in pixels"

Four = tuple[float, float, float, float]
"""The four numbers of a box, whatever they mean."""


def are_shares(boxes: Sequence[Four]) -> bool:
    """Whether boxes that should be in pixels are shares of the page: no number is larger than 1."""
    return bool(boxes) and float(np.abs(np.array(boxes)).max()) <= 1.001


def are_percents(boxes: Sequence[Four], sizes: Sequence[tuple[int, int] | None]) -> bool:
    """Whether boxes that should be in pixels are per cent of the page.

    This is certain if there are at least three boxes, no number is larger than 100, and every page is so large that
    nobody marks only its first 100 by 100 pixels.

    Args:
      boxes: two corners, or a corner and a size.
      sizes: height and width in pixels of the page of each box; None if they are unknown.
    """
    return len(boxes) >= _LEAST_BOXES and _in_first_hundred(boxes, sizes, _LARGE)


def may_be_percents(boxes: Sequence[Four], sizes: Sequence[tuple[int, int] | None]) -> bool:
    """Whether boxes that should be in pixels may be per cent: all lie in the first 100 by 100 pixels of larger pages.

    Args:
      boxes, sizes: see `are_percents`.
    """
    return _in_first_hundred(boxes, sizes, _MEDIUM)


def _in_first_hundred(boxes: Sequence[Four], sizes: Sequence[tuple[int, int] | None], side: int) -> bool:
    """Whether all numbers are between 0 and 100, one is at least 50, and the sides of all pages are at least `side`."""
    if not boxes or any(size is None or min(size) < side for size in sizes):
        return False
    numbers = np.array(boxes)
    return bool(numbers.min() >= 0 and 0.5 * _PER_CENT <= numbers.max() <= _PER_CENT)


def are_corners(boxes: Sequence[Four], as_read: Sequence[Four]) -> bool:
    """Whether boxes are two corners although their format specifies a point and a size.

    This is certain if there are at least two boxes, each lies within its page when read as two corners, and at least
    one lies outside when read as a point and a size.

    Args:
      boxes: x, y of a point and two more numbers, as shares of the page.
      as_read: the same boxes read as the format specifies: xmin, ymin, xmax, ymax as shares of the page.
    """
    if len(boxes) < 2:
        return False
    first, last = np.split(np.array(boxes), 2, axis=1)
    within = (last > first).all() and first.min() >= -0.01 and last.max() <= 1.01
    read = np.array(as_read)
    return bool(within and (read.min() < -_OVER or read.max() > 1 + _OVER))


def around_turned(shape: Four, degrees: float) -> Four:
    """The upright box around a box that is turned about its centre.

    Args:
      shape: x and y of the centre, half the width, half the height.
      degrees: the angle of the turn.

    Returns:
      ymin, xmin, ymax, xmax.
    """
    x, y, wide, high = shape
    cosine, sine = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    wide, high = wide * cosine + high * sine, wide * sine + high * cosine
    return y - high, x - wide, y + high, x + wide


def in_order(box: Four) -> Four:
    """The box with the smaller numbers first; tools that draw from the lower right write the larger ones first."""
    ymin, xmin, ymax, xmax = box
    return min(ymin, ymax), min(xmin, xmax), max(ymin, ymax), max(xmin, xmax)
