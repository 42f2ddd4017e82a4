"""Pages with their detections, as pictures."""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from data.pages.page_classes import CLASSES
from models.detector.drawing import draw_boxes
from models.extraction.finding import Found

_PAGE_SIDE = 1200
"""Longest side in pixels of an overview."""


def draw_overview(page: np.ndarray, found: Sequence[Found]) -> Image.Image:
    """A page, uint8 [H, W], made smaller, with the boxes, classes and scores of what was found."""
    scale = min(1.0, _PAGE_SIDE / max(page.shape))
    height, width = (max(1, round(side * scale)) for side in page.shape)
    small = cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA) if scale < 1 else page
    boxes = np.array([[top, left, bottom, right] for left, top, right, bottom in (each.box for each in found)])
    labels = np.array([CLASSES.index(each.kind) + 1 for each in found], int)
    scores = np.array([each.score for each in found])
    drawn = draw_boxes(small, boxes.reshape(-1, 4) * scale, labels, scores)
    return Image.fromarray(drawn).quantize(64, Image.Quantize.FASTOCTREE) if found else Image.fromarray(small)
