"""Pages on the canvas that the network sees: as they are, or varied as scans of paper vary.

Never mirrored: mirrored handwriting is no handwriting. Inverted, since SignVer feeds white ink on black.
"""

import dataclasses
import math

import cv2
import numpy as np

Size = tuple[int, int]


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """How far pages are varied in training; see `conf/dataset/signverod.yaml`.

    Attributes:
      scale: smallest and largest size of the page against one that just fits.
      stretch: largest change of the ratio of the page's sides, a share.
      rotation: largest angle in degrees.
      thickness: share of pages whose strokes are made thicker or thinner.
      noise: share of pages with specks, blur or other contrast.
      inverted: share of pages shown as white on black.
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
"""Share of an object that has to lie on the canvas for it to count as there."""


def paper_value(page: np.ndarray) -> int:
    """What surrounds a page, uint8 [H, W], on the canvas: 255, or 0 if the page is mostly dark."""
    return 255 if page.mean() > 127 else 0


def fit(page: np.ndarray, canvas: Size) -> tuple[np.ndarray, Size]:
    """Puts a page at the top left of a canvas, as large as it fits.

    Args:
      page: uint8 [h, w], shrunk to fit already (`data.pages.page_pools.shrink`); a smaller one is enlarged.
      canvas: height and width in pixels.

    Returns:
      (uint8 canvas, height and width of the page on it).
    """
    scale = min(canvas[0] / page.shape[0], canvas[1] / page.shape[1])
    height, width = (min(limit, max(1, round(side * scale))) for side, limit in zip(page.shape, canvas, strict=True))
    result = np.full(canvas, paper_value(page), np.uint8)
    if (height, width) != page.shape:
        page = cv2.resize(page, (width, height), interpolation=cv2.INTER_LINEAR)
    result[:height, :width] = page
    return result, (height, width)


def augment(
    page: np.ndarray,
    boxes: np.ndarray,
    labels: np.ndarray,
    canvas: Size,
    settings: Augmentation,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A page as another scan of it might look, somewhere on the canvas.

    Args:
      page: uint8 [h, w].
      boxes: float32 [n, 4], ymin, xmin, ymax, xmax as shares of the page.
      labels: int64 [n].
      canvas: height and width in pixels.
      settings: how far to go.
      rng: source of every choice.

    Returns:
      (uint8 canvas, float32 [k, 4] boxes in canvas pixels, int64 [k] labels) of the k objects still to be seen.
    """
    if settings.turned and rng.random() < settings.turned:
        page, boxes = turn(page, boxes, int(rng.integers(1, 4)))
    matrix = _random_affine(page.shape, canvas, settings, rng)
    image = cv2.warpAffine(
        page,
        matrix,
        canvas[::-1],
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=paper_value(page),
    )
    boxes, kept = _move(boxes * np.tile(page.shape, 2), matrix, canvas)
    if rng.random() < settings.thickness:
        image = _change_thickness(image, rng)
    if rng.random() < settings.noise:
        image = _add_noise(image, rng)
    if rng.random() < settings.inverted:
        image = 255 - image
    return image, boxes[kept], labels[kept]


def turn(page: np.ndarray, boxes: np.ndarray, quarters: int) -> tuple[np.ndarray, np.ndarray]:
    """Turns a page, uint8 [h, w], and its boxes, shares of it, by quarters of a circle against the clock."""
    for _ in range(quarters % 4):
        ymin, xmin, ymax, xmax = boxes.T
        boxes = np.stack([1 - xmax, ymin, 1 - xmin, ymax], axis=1)
    return np.ascontiguousarray(np.rot90(page, quarters)), boxes


def _random_affine(page: Size, canvas: Size, settings: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """float64 [2, 3], from (x, y, 1) on the page to (x, y) on the canvas."""
    scale = min(canvas[0] / page[0], canvas[1] / page[1]) * math.exp(rng.uniform(*np.log(settings.scale)))
    stretch = math.exp(rng.uniform(-1, 1) * math.log1p(settings.stretch) / 2)
    angle = math.radians(rng.uniform(-1, 1) * settings.rotation)
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]]) @ np.diag((scale * stretch, scale / stretch))
    room = np.array(canvas[::-1]) - np.array(page[::-1]) * np.diag(turn)  # negative where the page is the larger
    margin = 0.05 * np.array(canvas[::-1])
    corner = rng.uniform(np.minimum(room, 0) - margin, np.maximum(room, 0) + margin)
    middle = np.array(page[::-1]) / 2
    centred = corner + middle * np.diag(turn)  # turned about its middle
    return np.column_stack([turn, centred - turn @ middle])


def _move(boxes: np.ndarray, matrix: np.ndarray, canvas: Size) -> tuple[np.ndarray, np.ndarray]:
    """(boxes around the moved corners, cut at the canvas; which of them still show enough)."""
    ymin, xmin, ymax, xmax = boxes.T
    corners = np.stack([np.stack([x, y, np.ones_like(x)]) for x in (xmin, xmax) for y in (ymin, ymax)])  # [4, 3, n]
    x, y = np.moveaxis(matrix @ corners, 1, 0)
    moved = np.stack([y.min(0), x.min(0), y.max(0), x.max(0)], axis=1).astype(np.float32)
    cut = moved.clip(0, np.tile(canvas, 2)).astype(np.float32)
    areas, cut_areas = ((b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) for b in (moved, cut))
    return cut, cut_areas >= np.maximum(MIN_VISIBLE * areas, 1.0)


def _change_thickness(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    kernel = np.ones((2, 2) if rng.random() < 0.6 else (3, 3), np.uint8)
    change = cv2.erode if rng.random() < 0.6 else cv2.dilate  # the dark grows, or shrinks
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
