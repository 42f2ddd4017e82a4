"""Draws crops around the signatures of drawn pages, as a detector crops them, with the ink of the signatures.

Each crop is cut out of the sheet, cluttered (`crop_clutter`) and scanned separately, so that a sheet gives many crops.
"""

import copy
import dataclasses
from collections.abc import Callable

import cv2
import numpy as np

from data.drawn_pages.crop_clutter import add_clutter
from data.drawn_pages.page import lay_out
from data.drawn_pages.scanner import specks, threshold, wear
from data.drawn_pages.sheet import INITIALS, Mark, Sheet, SIGNATURE
from data.ink import find_ink
from data.paper import local_ink

_PRINTED = 0.15
"""Share of signatures in separate letters, which are the hardest to distinguish from print."""

_SIDE = 10
"""Smallest side of a crop in pixels."""

_EMPTY = 0.06
"""Share of crops without a signature, as a detector's false positives."""

_INITIALS = 0.2
"""Share of the initials that are cropped; pages with initials have many."""

_GREY = 0.3
"""Share of crops that are grey or coloured scans or photographs; the others are scanned in black and white."""

_DIRTY = 0.2
"""Share of black-and-white crops with dust."""

_FAINT = 40
"""Darkness, from 0 to 255, below which a pixel of a black-and-white crop is no ink of the pen."""

_SOFT = 0.3
"""Smallest share of a pixel that the pen covers where the ink of a grey crop counts as the signature's."""


@dataclasses.dataclass(frozen=True, eq=False)
class Crop:
    """The ink of a crop.

    Args:
      ink: bool [H, W], all ink.
      signed: bool [H, W], the ink of signatures and initials, including the print that they cross.
    """

    ink: np.ndarray
    signed: np.ndarray


def draw_crops(seed: int, page: int, variants: int) -> list[list[Crop]]:
    """Draws crops of one page. The result depends on the numbers alone, not on the process or on earlier calls.

    Args:
      seed: which collection of pages, at least 0.
      page: which page of it, at least 0.
      variants: number of crops of each signature, each cut and scanned differently.

    Returns:
      The crops of each signature of the page; a few lists hold crops without a signature.
    """
    sheet, rng, _ = lay_out(seed, page, _PRINTED)
    crops = []
    for mark in sheet.marks:
        if mark.label == SIGNATURE or (mark.label == INITIALS and rng.random() < _INITIALS):
            empty = rng.random() < _EMPTY
            crops.append([_crop(sheet, mark, rng, empty=empty) for _ in range(variants)])
    return crops


def _crop(sheet: Sheet, mark: Mark, rng: np.random.Generator, *, empty: bool) -> Crop:
    box = _elsewhere(sheet, mark, rng) if empty else _around(sheet, mark, rng)
    cut = _cut(sheet, box)
    add_clutter(cut, rng)
    turn = rng.normal(0, 0.5) if rng.random() < 0.9 else rng.normal(0, 5)  # placed on a scanner, or photographed
    for layer in (cut.ink, cut.signed):
        layer[:] = _turned(layer, turn)
    return _photographed(cut, rng) if rng.random() < _GREY else _scanned(cut, rng)


# ---- the box of the crop ----


def _around(sheet: Sheet, mark: Mark, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """A crop around a mark, left, top, right, bottom in px: around its outline or its ink; loose, tight or shifted."""
    left, top = np.floor(mark.outline.min(0)).astype(int).clip(0)
    right, bottom = np.ceil(mark.outline.max(0)).astype(int)
    if rng.random() < 0.5 and sheet.signed[top:bottom, left:right].size:
        x, y, width, height = cv2.boundingRect(sheet.signed[top:bottom, left:right])
        if width and height:
            left, top, right, bottom = left + x, top + y, left + x + width, top + y + height
    width, height = max(right - left, _SIDE), max(bottom - top, _SIDE)
    kind = rng.random()
    loose, tight, shifted = rng.uniform(0, 0.35, 4), rng.normal(0, 0.05, 4), rng.normal(0.03, 0.12, 4)
    more = loose if kind < 0.55 else tight if kind < 0.8 else shifted
    more *= (width, height, width, height) * np.array([0.5, 1, 0.5, 1])  # heights vary more
    return int(left - more[0]), int(top - more[1]), int(right + more[2]), int(bottom + more[3])


def _elsewhere(sheet: Sheet, mark: Mark, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """A box of the size of a mark at a random place of the sheet, in px."""
    width, height = np.maximum(np.ptp(mark.outline, axis=0).astype(int), _SIDE)
    rows, columns = sheet.ink.shape
    left, top = int(rng.integers(max(1, columns - width))), int(rng.integers(max(1, rows - height)))
    return left, top, left + width, top + height


def _cut(sheet: Sheet, box: tuple[int, int, int, int]) -> Sheet:
    """Cuts a part, left, top, right, bottom in px, out of a sheet."""
    rows, columns = sheet.ink.shape
    left, top = min(max(box[0], 0), columns - _SIDE), min(max(box[1], 0), rows - _SIDE)
    right, bottom = min(max(box[2], left + _SIDE), columns), min(max(box[3], top + _SIDE), rows)
    cut = Sheet((right - left) / sheet.scale, (bottom - top) / sheet.scale, sheet.scale, sheet.stretch)
    cut.ink, cut.signed = (layer[top:bottom, left:right].copy() for layer in (sheet.ink, sheet.signed))
    return cut


def _turned(layer: np.ndarray, degrees: float) -> np.ndarray:
    rows, columns = layer.shape
    matrix: np.ndarray = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1)
    return cv2.warpAffine(layer, matrix, (columns, rows), flags=cv2.INTER_LINEAR)


# ---- scanning ----


def _scanned(cut: Sheet, rng: np.random.Generator) -> Crop:
    """Scans a crop in black and white."""

    def scan(layer: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        layer = layer.copy()
        wear(layer, cut.scale, rng)
        dirty = rng.random() < _DIRTY
        specks(layer if dirty else np.zeros_like(layer), cut.scale, rng)
        return threshold(layer, cut.scale, rng) == 0

    return _both(cut, scan, rng)


def _both(cut: Sheet, scan: Callable[[np.ndarray, np.random.Generator], np.ndarray], rng: np.random.Generator) -> Crop:
    """Scans all ink and, with the same random numbers, the ink of the signatures alone, without the dust."""
    same = copy.deepcopy(rng)
    ink, signed = scan(cut.ink, rng), scan(cut.signed, same)
    return Crop(ink, ink & signed & (cv2.dilate(cut.signed, np.ones((3, 3), np.uint8)) > _FAINT))


def _photographed(cut: Sheet, rng: np.random.Generator) -> Crop:
    """Scans a crop in grey, on uneven paper, with the pen's ink fainter than print, and separates the ink again."""
    rows, columns = cut.ink.shape
    pen: np.ndarray = cut.signed.astype(np.float32) / 255
    printed: np.ndarray = np.where(cut.ink > cut.signed, cut.ink, 0).astype(np.float32) / 255
    blur = rng.uniform(0.4, 0.45 * cut.scale)
    pen, printed = (cv2.GaussianBlur(layer, (0, 0), blur) for layer in (pen, printed))
    pen = pen / max(float(pen.max()), 1e-3)
    corners = rng.uniform(rng.uniform(120, 235), 255, (2, 2)).astype(np.float32)
    paper: np.ndarray = cv2.resize(corners, (columns, rows), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.3:  # the grain or the watermark of the paper
        coarse = rng.normal(0, rng.uniform(2, 9), (rows // 3 + 2, columns // 3 + 2)).astype(np.float32)
        paper = paper + cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_LINEAR)
    depth_of_pen, depth_of_print = rng.uniform(0.35, 0.95), rng.uniform(0.6, 0.95)
    grey = paper * (1 - depth_of_pen * pen) * (1 - depth_of_print * printed)
    grey += rng.normal(0, rng.uniform(0.5, 4), grey.shape)
    pixels = np.rint(grey.clip(0, 255)).astype(np.uint8)
    ink = local_ink(pixels) if rng.random() < 0.6 else find_ink(pixels)  # as mode=predict does, and as SignVer does
    return Crop(ink, ink & (pen > _SOFT))
