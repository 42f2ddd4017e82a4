"""Pastes objects of one page onto another, as ink onto paper.

After Ghiasi and others, "Simple copy-paste is a strong data augmentation method for instance segmentation" (2021).
Scans need no mask: the darker of the two inks shows.
"""

import math

import cv2
import numpy as np

from data.pages.canvas import paper_value
from data.pages.page_pools import PageSet

_RESIZED = 1.3
"""Largest factor by which a pasted object is enlarged or made smaller."""

_AROUND = 3
"""Width in pixels of the frame around an object, the median of which is its paper."""

_PLACES = 6
"""Random places of which the emptiest is taken."""

_LEAST_SIDE = 4
"""In pixels; a smaller object is not pasted."""


_MOST = 3
"""Objects that are pasted onto one page."""


def with_pasted(
    pages: PageSet, index: int, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A page, onto which objects of others are pasted at random.

    Args:
      pages: the pages.
      index: which of them.
      share: of pages onto which something is pasted; with 0, no random number is drawn.
      rng: source of every random choice.

    Returns:
      (uint8 [h, w], boxes float32 [n, 4], ymin, xmin, ymax, xmax as shares of the page, labels int64 [n]).
    """
    pasted = pages.page(index), *pages.objects(index)
    if not share or rng.random() >= share:
        return pasted
    for _ in range(rng.integers(1, _MOST + 1)):
        other = int(rng.integers(len(pages)))
        boxes, labels = pages.objects(other)
        if len(labels):
            each = int(rng.integers(len(labels)))
            pasted = paste(*pasted, pages.page(other), boxes[each], labels[each], rng)
    return pasted


def paste(
    page: np.ndarray,
    boxes: np.ndarray,
    labels: np.ndarray,
    donor: np.ndarray,
    donor_box: np.ndarray,
    donor_label: np.int64,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pastes an object of another page at a random place that no object covers.

    Args:
      page: uint8 [h, w]; it is not changed.
      boxes: float32 [n, 4], ymin, xmin, ymax, xmax as shares of the page.
      labels: int64 [n].
      donor: the other page, uint8 [h', w'].
      donor_box: float32 [4], as shares of the other page.
      donor_label: of the object.
      rng: source of every random choice.

    Returns:
      (page, boxes float32 [n + 1, 4], labels int64 [n + 1]); the arguments if there is no place for the object.
    """
    patch = _ink(donor, donor_box, page.shape, rng)
    height, width = patch.shape
    if not (_LEAST_SIDE <= height < page.shape[0] and _LEAST_SIDE <= width < page.shape[1]):
        return page, boxes, labels
    paper = paper_value(page)
    best, emptiest = None, math.inf
    for _ in range(_PLACES):
        top, left = (int(rng.integers(whole - side)) for whole, side in zip(page.shape, patch.shape, strict=True))
        box = np.array([top, left, top + height, left + width], np.float32) / np.tile(page.shape, 2)
        if ((np.minimum(boxes[:, 2:], box[2:]) > np.maximum(boxes[:, :2], box[:2])).all(axis=1)).any():
            continue
        darkness = abs(paper - float(page[top : top + height, left : left + width].mean()))
        if darkness < emptiest:
            best, emptiest = box, darkness
    if best is None:
        return page, boxes, labels
    top, left = np.rint(best[:2] * page.shape).astype(int)
    page = page.copy()
    place = page[top : top + height, left : left + width]
    place[:] = np.minimum(place, 255 - patch) if paper else np.maximum(place, patch)
    return page, np.vstack([boxes, best]).astype(np.float32), np.append(labels, donor_label)


def _ink(donor: np.ndarray, box: np.ndarray, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """The darkness of an object against its own paper, uint8 [h, w], as large on a page of a shape as on the other."""
    top, left, bottom, right = np.rint(box * np.tile(donor.shape, 2)).astype(int)
    darkness = 255 - donor if paper_value(donor) else donor
    patch = darkness[top:bottom, left:right]
    if not patch.size:
        return np.zeros((0, 0), np.uint8)
    around = np.s_[max(0, top - _AROUND) : bottom + _AROUND, max(0, left - _AROUND) : right + _AROUND]
    frame = np.ones(donor.shape, bool)
    frame[top:bottom, left:right] = False
    paper = np.median(darkness[around][frame[around]]) if frame[around].any() else 0
    patch = np.maximum(patch, np.uint8(paper)) - np.uint8(paper)
    factor = math.exp(rng.uniform(-1, 1) * math.log(_RESIZED))
    scales = (factor * here / there for here, there in zip(shape, donor.shape, strict=True))
    height, width = (max(1, round(side * scale)) for side, scale in zip(patch.shape, scales, strict=True))
    return cv2.resize(patch, (width, height), interpolation=cv2.INTER_AREA).reshape(height, width)
