"""Photographs a sheet with a telephone, or scans it in grey: tilted, unevenly lit, on paper that is not white."""

import cv2
import numpy as np

from data.drawn_pages.mark_boxes import mark_boxes
from data.drawn_pages.scanner import wear
from data.drawn_pages.sheet import Sheet


def photograph(sheet: Sheet, rng: np.random.Generator, slack: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Photographs a sheet.

    Args and Returns: as `data.drawn_pages.scanner.scan`; the picture is grey.
    """
    rows, columns = sheet.ink.shape
    on_a_table = rng.random() < 0.5
    matrix = _view(rows, columns, rng, tilt=0.035 if on_a_table else 0.006, turn=4.0 if on_a_table else 1.0)
    boxes, labels = mark_boxes(sheet, matrix, rng, slack)
    wear(sheet.ink, sheet.scale, rng)
    ink = cv2.GaussianBlur(sheet.ink, (0, 0), rng.uniform(0.3, 0.6) * sheet.scale * 0.6)
    paper = rng.uniform(205, 254) if rng.random() < 0.75 else rng.uniform(130, 205)  # white or coloured
    black = rng.uniform(0, 0.35) * paper
    page = cv2.convertScaleAbs(ink, alpha=(black - paper) / 255, beta=paper)
    table = float(rng.uniform(10, 120) if rng.random() < 0.7 else rng.uniform(120, 255))
    border = table if on_a_table else paper
    page = cv2.warpPerspective(page, matrix, (columns, rows), flags=cv2.INTER_LINEAR, borderValue=border)
    page = cv2.multiply(page, _light((rows, columns), rng), scale=1 / 255)
    grain = rng.integers(0, int(rng.integers(3, 20)), (rows // 2 + 1, columns // 2 + 1), dtype=np.uint8)
    page = cv2.subtract(page, cv2.resize(grain, (columns, rows), interpolation=cv2.INTER_LINEAR))
    return page, boxes, labels


def _view(rows: int, columns: int, rng: np.random.Generator, *, tilt: float, turn: float) -> np.ndarray:
    """The projection from the sheet to the picture, float64 [3, 3].

    Args:
      rows, columns: of both.
      rng: source of every random choice.
      tilt: largest shift of a corner, a share of the side.
      turn: largest angle in degrees.
    """
    size, angle = rng.uniform(0.85, 1.0), rng.uniform(-turn, turn)
    corners = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32)
    turned = cv2.transform(corners[None], cv2.getRotationMatrix2D((columns / 2, rows / 2), angle, size))[0]
    moved = turned + rng.uniform(-tilt, tilt, (4, 2)) * (columns, rows)
    return cv2.getPerspectiveTransform(corners, moved.astype(np.float32))


def _light(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """How light falls on a picture, uint8 of the shape: 255 where all of it does, less to one side and in shadows."""
    least = rng.uniform(0.65, 1.0)
    coarse = rng.uniform(least, 1.0, (int(rng.integers(2, 4)), int(rng.integers(2, 4))))
    light = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC).clip(0, 1)
    if rng.random() < 0.2:  # a shadow that begins at a line across the page
        slope, start = rng.normal(0, 1), rng.uniform(0, shape[1])
        beyond = np.add.outer(slope * np.arange(shape[0]), np.arange(shape[1])) > start
        light[beyond] *= rng.uniform(0.6, 0.95)
    return (255 * light).astype(np.uint8)
