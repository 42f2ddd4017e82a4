"""Augments pages on the canvas in the ways in which scans of paper vary.

Pages are never mirrored, because mirrored handwriting does not occur. Some are inverted, because SignVer passes white
ink on black paper to its detector.
"""

import dataclasses
import math

import cv2
import numpy as np

from data.pages.canvas import Canvas, paper_value, Size


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """The amounts of augmentation; see `conf/shared/page_dataset.yaml`.

    Attributes:
      scale: smallest and largest size of the page relative to the size that just fits.
      stretch: largest change of the page's aspect ratio, a share.
      rotation: largest angle in degrees.
      thickness: share of pages whose strokes are made thicker or thinner.
      noise: share of pages with specks, blur or other contrast.
      inverted: share of pages that are inverted to white on black.
      turned: share of pages turned by 90, 180 or 270 degrees.
    """

    scale: tuple[float, float]
    stretch: float
    rotation: float
    thickness: float
    noise: float
    inverted: float
    turned: float = 0.0


MIN_VISIBLE = 0.5
"""Share of an object that must lie on the canvas for the object to count."""


def augment(
    page: np.ndarray,
    boxes: np.ndarray,
    labels: np.ndarray,
    canvas: Canvas,
    settings: Augmentation,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Varies a page as another scan of it might look, and places it at random on the canvas.

    Args:
      page: uint8 [h, w].
      boxes: float32 [n, 4], ymin, xmin, ymax, xmax as shares of the page.
      labels: int64 [n].
      canvas: the canvas.
      settings: amounts of augmentation.
      rng: source of every random choice.

    Returns:
      (uint8 canvas, float32 [k, 4] boxes in canvas pixels, int64 [k] labels) of the k objects that are still visible.
    """
    if settings.turned and rng.random() < settings.turned:
        page, boxes = turn(page, boxes, int(rng.integers(1, 4)))
    matrix = _random_affine(page.shape, canvas, settings, rng)
    image = cv2.warpAffine(
        page,
        matrix,
        canvas.size[::-1],
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=paper_value(page),
    )
    boxes, kept = _move(boxes * np.tile(page.shape, 2), matrix, canvas.size)
    if rng.random() < settings.thickness:
        image = _change_thickness(image, rng)
    if rng.random() < settings.noise:
        image = _add_noise(image, rng)
    if rng.random() < settings.inverted:
        image = 255 - image
    return image, boxes[kept], labels[kept]


def turn(page: np.ndarray, boxes: np.ndarray, quarters: int) -> tuple[np.ndarray, np.ndarray]:
    """Turns a page, uint8 [h, w], and its boxes, shares of it, by quarter turns counterclockwise."""
    for _ in range(quarters % 4):
        ymin, xmin, ymax, xmax = boxes.T
        boxes = np.stack([1 - xmax, ymin, 1 - xmin, ymax], axis=1)
    return np.ascontiguousarray(np.rot90(page, quarters)), boxes


def _random_affine(page: Size, canvas: Canvas, settings: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """float64 [2, 3], from (x, y, 1) on the page to (x, y) on the canvas."""
    down, across = canvas.scales(page)
    scale = math.exp(rng.uniform(*np.log(settings.scale)))
    stretch = math.exp(rng.uniform(-1, 1) * math.log1p(settings.stretch) / 2)
    angle = math.radians(rng.uniform(-1, 1) * settings.rotation)
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]]) @ np.diag((across * scale * stretch, down * scale / stretch))
    room = np.array(canvas.size[::-1]) - np.array(page[::-1]) * np.diag(turn)  # negative if the page is larger
    margin = 0.05 * np.array(canvas.size[::-1])
    corner = rng.uniform(np.minimum(room, 0) - margin, np.maximum(room, 0) + margin)
    middle = np.array(page[::-1]) / 2
    centred = corner + middle * np.diag(turn)  # turned about its middle
    return np.column_stack([turn, centred - turn @ middle])


def _move(boxes: np.ndarray, matrix: np.ndarray, canvas: Size) -> tuple[np.ndarray, np.ndarray]:
    """(boxes around the moved objects, clipped to the canvas; which of them are visible enough).

    Writing seldom fills the corners of its box, so the new box encloses the moved ellipse inside the old box. A box
    around the moved corners would grow by a fifth of a wide signature's height at two degrees. See Kalra and others,
    "Towards rotation invariance in object detection" (2021).
    """
    ymin, xmin, ymax, xmax = boxes.T
    x, y = matrix @ np.stack([(xmin + xmax) / 2, (ymin + ymax) / 2, np.ones_like(xmin)])
    half_x, half_y = np.sqrt(np.square(matrix[:, :2]) @ np.square(np.stack([xmax - xmin, ymax - ymin]) / 2))
    moved = np.stack([y - half_y, x - half_x, y + half_y, x + half_x], axis=1).astype(np.float32)
    cut = moved.clip(0, np.tile(canvas, 2)).astype(np.float32)
    areas, cut_areas = ((b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) for b in (moved, cut))
    return cut, cut_areas >= np.maximum(MIN_VISIBLE * areas, 1.0)


def _change_thickness(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    kernel = np.ones((2, 2) if rng.random() < 0.6 else (3, 3), np.uint8)
    change = cv2.erode if rng.random() < 0.6 else cv2.dilate  # thickens dark strokes, or thins them
    amount = rng.uniform(0.2, 0.8)
    return cv2.addWeighted(change(image, kernel), amount, image, 1 - amount, 0)


def _add_noise(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    kind = rng.random()
    if kind < 0.3:
        image = cv2.GaussianBlur(image, (3, 3), rng.uniform(0.3, 0.9))
    elif kind < 0.6:  # a faint copy, or a grey page
        dark, light = rng.uniform(0, 90), rng.uniform(190, 255)
        image = cv2.LUT(image, np.linspace(dark, light, 256).astype(np.uint8))
    specks = int(rng.exponential(60))
    rows, columns = rng.integers(0, image.shape[0], specks), rng.integers(0, image.shape[1], specks)
    image[rows, columns] = rng.integers(0, 256, specks)
    return image
