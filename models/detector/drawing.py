"""Pictures of pages with boxes."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from data.own_files import save_picture
from data.pages.canvas import Canvas, fit
from data.pages.page_classes import CLASSES
from data.pages.page_data import PageData
from data.sampling import halves, spread

COLOURS = ((214, 39, 40), (31, 119, 180), (148, 103, 189), (214, 118, 0))
"""RGB of each class's found boxes."""

TRUE_COLOUR = (44, 160, 44)

_GAP = 6


def draw_boxes(
    page: np.ndarray,
    boxes: np.ndarray,
    labels: np.ndarray,
    scores: np.ndarray | None = None,
    true_boxes: Sequence[np.ndarray] = (),
) -> np.ndarray:
    """Draws boxes with class and score, and thin green true ones.

    Args:
      page: uint8 [H, W].
      boxes, true_boxes: float [n, 4], ymin, xmin, ymax, xmax in pixels.
      labels: int [n], from 1 on.
      scores: float [n]; None for labels.

    Returns:
      uint8 [H, W, 3], RGB.
    """
    picture = np.repeat(page[..., None], 3, axis=-1)
    unit = max(page.shape) / 1000
    thick, font, height = max(1, round(2 * unit)), cv2.FONT_HERSHEY_SIMPLEX, 0.5 * max(unit, 0.6)
    for ymin, xmin, ymax, xmax in true_boxes:
        cv2.rectangle(picture, (int(xmin), int(ymin)), (int(xmax), int(ymax)), TRUE_COLOUR, max(1, thick // 2))
    shown_scores = [""] * len(boxes) if scores is None else [f" {score:.2f}" for score in scores]
    for (ymin, xmin, ymax, xmax), label, score in zip(boxes, labels, shown_scores, strict=True):
        colour, text = COLOURS[int(label) - 1], CLASSES[int(label) - 1] + score
        cv2.rectangle(picture, (int(xmin), int(ymin)), (int(xmax), int(ymax)), colour, thick)
        corner = (int(xmin), int(ymin - 3 * thick) if ymin > 12 * unit else int(ymax + 15 * unit))
        cv2.putText(picture, text, corner, font, height, colour, max(1, thick // 2), cv2.LINE_AA)
    return picture


def save_pages(path: Path, pages: Sequence[np.ndarray], columns: int = 3) -> None:
    """Writes pages of one size, uint8 [H, W, 3], as a sheet, whole or not at all."""
    height, width = pages[0].shape[:2]
    columns = min(columns, len(pages))
    rows = -(-len(pages) // columns)
    sheet = np.full((rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, 3), 128, np.uint8)
    for number, page in enumerate(pages):
        top, left = (number // columns) * (height + _GAP), (number % columns) * (width + _GAP)
        sheet[top : top + height, left : left + width] = page
    save_picture(path, Image.fromarray(sheet))


def draw_page_samples(data: PageData, canvas: Canvas, path: Path, count: int) -> None:
    """Pages spread evenly over both splits, training first, with their boxes.

    Args:
      data: the dataset.
      canvas: placement of each page on the sheet.
      path: of the picture.
      count: how many, at most.
    """
    drawn = []
    for split, wanted in zip(
        (data.train, data.validation), halves(count, len(data.train), len(data.validation)), strict=True
    ):
        for index in spread(len(split), wanted):
            page, extent = fit(split.page(index), canvas)
            boxes, labels = split.objects(index)
            drawn.append(draw_boxes(page, boxes * np.tile(extent, 2), labels))
    save_pages(path, drawn, columns=4)
