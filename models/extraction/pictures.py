"""Pages with their detections, as pictures."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from data.pages.page_classes import CLASSES
from data.pictures.averaging import block_means
from models.detector.drawing import draw_boxes
from models.extraction.finding import Found

_PAGE_SIDE = 1200
"""Longest side in pixels of an overview."""

_WHOLE = 2.5
"""From so many times this side on, a page is made smaller by a whole number, which is three times as fast."""


def draw_overview(page: np.ndarray, found: Sequence[Found]) -> Image.Image:
    """A page, uint8 [H, W], made smaller, with the boxes, classes and scores of what was found."""
    small, scale = _smaller(page)
    boxes = np.array([[top, left, bottom, right] for left, top, right, bottom in (each.box for each in found)])
    labels = np.array([CLASSES.index(each.kind) + 1 for each in found], int)
    scores = np.array([each.score for each in found])
    drawn = draw_boxes(small, boxes.reshape(-1, 4) * scale, labels, scores)
    return Image.fromarray(drawn).quantize(64, Image.Quantize.FASTOCTREE) if found else Image.fromarray(small)


def _smaller(page: np.ndarray) -> tuple[np.ndarray, float]:
    """(a page of at most `_PAGE_SIDE`, its size by that of the page)."""
    larger = max(page.shape) / _PAGE_SIDE
    if larger <= 1:
        return page, 1.0
    if larger > _WHOLE:
        side = min(math.ceil(larger), *page.shape)
        return block_means(page, side), 1 / side
    height, width = (max(1, round(side / larger)) for side in page.shape)
    return cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA), 1 / larger
