"""Estimates the paper, the ink and the opacity of the ink of a grey or coloured crop.

`data.ink.find_ink` uses one threshold for a whole scan, as SignVer does. A crop of a page may show faint blue ink
beside black print on paper that is not white, so the thresholds of this module are local.
"""

import cv2
import numpy as np

from data.ink import find_ink
from data.pictures.greys import grey_of

_CELL = 24
"""Side in pixels of the smallest cells in which paper has one colour; larger crops have larger cells."""

_CELLS = 48
"""Cells along the longer side of a crop at most."""

_LIGHT = 80
"""Percentile of a cell's greys that counts as paper: print and handwriting seldom cover a fifth of a cell."""

_LEAST_DEPTH = 28
"""Smallest difference between paper and ink, in grey values from 0 to 255."""

_REACH = 7
"""Side in pixels of the neighbourhood whose darkest pixel is the depth of the ink."""

_SHARE = 0.42
"""Share of the ink's depth from which a pixel counts as ink; from a half on, thin strokes would break."""


def paper_of(picture: np.ndarray) -> np.ndarray:
    """Estimates the paper of a picture without its ink.

    Args:
      picture: uint8 [H, W] or [H, W, 3], dark on light.

    Returns:
      float32 of the same shape in [0, 255].
    """
    if _is_two_valued(picture):
        return np.full(picture.shape, float(picture.max()), np.float32)
    height, width = picture.shape[:2]
    cell = max(_CELL, -(-max(height, width) // _CELLS))
    rows, columns = (max(1, round(side / cell)) for side in (height, width))
    channels = picture.reshape(height, width, -1)
    light = np.stack([_light_greys(channels[..., index], rows, columns) for index in range(channels.shape[-1])], -1)
    light = light.reshape(rows, columns, *picture.shape[2:])
    if rows >= 3 and columns >= 3:  # a cell full of ink takes the value of its neighbours
        light = cv2.medianBlur(light, 3)
    return cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR).reshape(picture.shape)


def _light_greys(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """The `_LIGHT` percentile of each cell of a grid, as `np.percentile` interpolates it, from the cells' histograms.

    Args:
      picture: uint8 [H, W].
      rows, columns: of the grid, whose cells are those of `np.array_split`.

    Returns:
      float32 [rows, columns].
    """
    bands = np.array_split(picture, rows)
    widths = [part.shape[1] for part in np.array_split(picture[:1], columns, axis=1)]
    offsets = 256 * np.repeat(np.arange(columns), widths)
    return np.array([_percentiles(band + offsets, columns) for band in bands], np.float32)


def _percentiles(offset_greys: np.ndarray, columns: int) -> np.ndarray:
    """float [columns]: the percentile of each cell of a band; greys of cell number n are offset by 256 n."""
    passed = np.bincount(offset_greys.ravel(), minlength=256 * columns).reshape(columns, 256).cumsum(axis=1)
    place = _LIGHT / 100 * (passed[:, -1:] - 1)
    below, above = ((passed <= bound).sum(axis=1) for bound in (np.floor(place), np.ceil(place)))
    return below + (above - below) * (place[:, 0] % 1)


def local_ink(picture: np.ndarray) -> np.ndarray:
    """Separates ink from paper by a share of each stroke's depth, so that faint ink beside black print is found.

    Args:
      picture: uint8 [H, W] or [H, W, 3], dark on light.

    Returns:
      bool [H, W], True where ink is. For a black-and-white picture this is the result of `data.ink.find_ink`.
    """
    grey = grey_of(picture)
    if _is_two_valued(grey):
        return find_ink(grey)
    depth = np.maximum(paper_of(grey) - grey, 0)
    deep = find_ink((255 - depth).astype(np.uint8))
    grain = 1.4826 * float(np.median(depth[~deep])) if not deep.all() else 0.0
    least = max(_LEAST_DEPTH, 5 * grain)
    deepest = cv2.dilate(depth, np.ones((_REACH, _REACH), np.uint8))
    return (depth > _SHARE * deepest) & (deepest > least) | deep & (depth > least / 2)


def _is_two_valued(picture: np.ndarray) -> bool:
    """Whether a picture has at most two values, as a thresholded scan has."""
    return bool(((picture == picture.min()) | (picture == picture.max())).all())


def cut_out(picture: np.ndarray, keep: np.ndarray, *, transparent: bool = False) -> np.ndarray:
    """Draws the kept ink in its own colours, with its soft edges, on white or transparent paper.

    Args:
      picture: uint8 [H, W] or [H, W, 3], dark on light.
      keep: bool [H, W], the ink that stays.
      transparent: whether the background is transparent instead of white.

    Returns:
      uint8: of the picture's shape on white paper; [H, W, 4], red, green, blue and opacity, if transparent.
    """
    return Cutout(picture, keep).transparent() if transparent else Cutout(picture, keep).on_white()


class Cutout:
    """The kept ink of a picture, for one or both results of `cut_out`.

    Args:
      picture, keep: as of `cut_out`.
    """

    def __init__(self, picture: np.ndarray, keep: np.ndarray) -> None:
        self._shape = picture.shape
        self._colours = (picture if picture.ndim == 3 else picture[..., None]).astype(np.float32)
        self._paper = paper_of(picture).reshape(self._colours.shape)
        grey = grey_of(picture).astype(np.float32)
        self._opacity = _opacity(grey, self._paper.mean(axis=-1), keep)[..., None]

    def on_white(self) -> np.ndarray:
        """The ink on white paper, uint8 of the picture's shape."""
        lifted = self._colours + (1 - self._opacity) * (255 - self._paper)
        lifted = np.where(self._opacity > 0, lifted, 255)
        return np.rint(lifted.clip(0, 255)).astype(np.uint8).reshape(self._shape)

    def transparent(self) -> np.ndarray:
        """The ink on transparent paper, uint8 [H, W, 4], red, green, blue and opacity."""
        ink = (self._colours - (1 - self._opacity) * self._paper) / np.maximum(self._opacity, 1e-3)
        ink = np.where(self._opacity > 0, ink, 255).clip(0, 255)
        ink = np.repeat(ink, 3, axis=-1) if ink.shape[-1] == 1 else ink
        return np.rint(np.concatenate([ink, 255 * self._opacity], axis=-1)).astype(np.uint8)


def _opacity(grey: np.ndarray, paper: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """float32 [H, W] in [0, 1]: share of the paper that each pixel of the kept ink and of its soft edge covers."""
    near = cv2.dilate(keep.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    core = cv2.erode(np.where(near, grey, 255.0), np.ones((5, 5), np.uint8))
    depth = paper - core
    opacity = np.where(depth > 1, (paper - grey) / np.maximum(depth, 1), keep)  # ink that fills a cell hides its paper
    return np.where(near, opacity, 0).clip(0, 1).astype(np.float32)
