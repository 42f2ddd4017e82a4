"""The pages with the worst detections, as a sheet."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from data.pages.anchor_targets import overlaps
from data.pages.canvas import Canvas, fit, shrink
from models.detector.drawing import draw_boxes, save_pages
from models.detector.evaluation import Found, Truth
from models.detector.metrics import SHOWN_SCORE
from models.worst import Example, WorstExamples

_TILE = Canvas((640, 512))
_TITLE_HEIGHT = 24

_MATCH = 0.5
"""Least overlap of an object and its box."""


def page_quality(truth: Truth, found: Found) -> float:
    """Mean overlap of the matched objects and boxes of a page; those without a match count 0.

    Each box, best first, takes the object of its class that it overlaps most, if that is at least half (the panoptic
    quality of Kirillov and others, "Panoptic Segmentation", 2019, with every object and every box counted once).

    Args:
      truth: the labels of the page.
      found: the detections; boxes below `SHOWN_SCORE` do not count.

    Returns:
      0 to 1; 1 for a page without objects and without detections.
    """
    boxes, labels = truth
    shown = found[2] >= SHOWN_SCORE
    found_boxes, found_labels = found[0][shown], found[1][shown]
    common = overlaps(found_boxes, boxes.T)
    common[found_labels[:, None] != labels] = 0
    partners: list[float] = []
    for row in common if len(boxes) else ():
        best = int(row.argmax())
        if row[best] >= _MATCH:
            partners.append(float(row[best]))
            common[:, best] = 0  # an object has one match
    counted = len(boxes) + len(found_boxes) - len(partners)
    return sum(partners) / counted if counted else 1.0


class WorstPages:
    """Collects the pages of the lowest quality, drawn with the boxes found and, in green, the labels.

    Args:
      count: how many.
    """

    def __init__(self, count: int) -> None:
        self._worst = WorstExamples(count)

    def add(self, name: str, page: np.ndarray, truth: Truth, found: Found) -> None:
        """Adds a page, uint8 [H, W]."""

        def draw() -> np.ndarray:
            tile, extent = fit(shrink(page, _TILE), _TILE)
            scale = np.tile(np.divide(extent, page.shape), 2)
            boxes, labels, scores = (part[found[2] >= SHOWN_SCORE] for part in found)
            return draw_boxes(tile, boxes * scale, labels, scores, truth[0] * scale)

        self._worst.offer(page_quality(truth, found), name, draw)

    def ranked(self) -> list[Example]:
        """The pages, the worst first."""
        return self._worst.ranked()


def save_worst(pages: Sequence[Example], path: Path) -> None:
    """Writes pages, at least one, as a sheet, each under its quality and name."""
    save_pages(path, [_titled(page) for page in pages], columns=4)


def _titled(example: Example) -> np.ndarray:
    """The picture below a line of text, uint8 [H + the line, W, 3]."""
    width = example.picture.shape[1]
    line = Image.new("RGB", (width, _TITLE_HEIGHT), "white")
    text = f"{example.quality:.2f}  {example.name}"
    ImageDraw.Draw(line).text((4, 4), text, fill="black", font=ImageFont.load_default(size=14))
    framed = cv2.rectangle(example.picture.copy(), (0, 0), (width - 1, example.picture.shape[0] - 1), (160,) * 3)
    return np.vstack([np.asarray(line), framed])
