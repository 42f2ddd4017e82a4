"""Splits a crop of any size into views at the scale of training, which overlap if there are several.

The crops of training are about 150 by 90 stroke widths, stretched to 224x224 whatever their shape. A smaller crop is
one view, as in SignVer. A larger one is cut into views of that size.
"""

import dataclasses
import math

import numpy as np
from PIL import Image

from data.ink import resize_ink

USUAL = (90, 150)
"""Height and width of a training scan in stroke widths: the medians of CEDAR and of drawn signatures."""

_OVERLAP = 0.25
"""Share of a view that the next one also shows."""


@dataclasses.dataclass(frozen=True)
class View:
    """A part of a crop in pixels."""

    top: int
    left: int
    height: int
    width: int

    @property
    def part(self) -> tuple[slice, slice]:
        """Rows and columns."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)


def plan_views(ink: np.ndarray, stroke: float) -> list[View]:
    """Views that cover a crop's ink, bool [H, W], with strokes of a width in pixels; views without ink are left out."""
    rows, columns = (_cuts(side, stroke * usual) for side, usual in zip(ink.shape, USUAL, strict=True))
    views = [View(top, left, height, width) for top, height in rows for left, width in columns]
    return [view for view in views if ink[view.part].any()]


def _cuts(side: int, usual: float) -> list[tuple[int, int]]:
    """(start, length) of the views along one side."""
    length = math.ceil(usual)
    if side <= length:
        return [(0, side)]
    count = 1 + math.ceil((side - length) / (length * (1 - _OVERLAP)))
    return [(round(place * (side - length) / (count - 1)), length) for place in range(count)]


def shown(ink: np.ndarray, view: View) -> np.ndarray:
    """The network's input for a view: float32 [224, 224] of 0 (ink) and 1."""
    return np.where(resize_ink(ink[view.part]), 0.0, 1.0).astype(np.float32)


class Blend:
    """Blends the network's outputs for the views of one crop; where views overlap, each counts most in its middle.

    Args:
      shape: height and width of the crop.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self._sum, self._weight = (np.zeros(shape, np.float32) for _ in range(2))

    def add(self, view: View, whiteness: np.ndarray) -> None:
        """Adds the network's output for a view, float32 [224, 224] in [0, 1]."""
        large = Image.fromarray(whiteness).resize((view.width, view.height), Image.Resampling.BICUBIC)
        weight = np.outer(_hat(view.height), _hat(view.width))
        self._sum[view.part] += weight * np.asarray(large)
        self._weight[view.part] += weight

    def whiteness(self) -> np.ndarray:
        """float32 [H, W] in [0, 1]; 1 where no view was."""
        seen = self._weight > 0
        return np.divide(self._sum, self._weight, out=np.ones_like(self._sum), where=seen).clip(0, 1)


def _hat(length: int) -> np.ndarray:
    """float32 [length], 1 in the middle, near 0 at the ends."""
    return (1 - np.abs(2 * (np.arange(length) + 0.5) / length - 1) * (1 - 1e-3)).astype(np.float32)
