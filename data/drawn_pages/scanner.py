"""Scans a sheet: with a crooked feed, wear of the copier, specks, black edges, and a 1-bit threshold."""

import cv2
import numpy as np

from data.drawn_pages.mark_boxes import mark_boxes
from data.drawn_pages.sheet import Sheet


def scan(sheet: Sheet, rng: np.random.Generator, slack: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scans a sheet.

    Args:
      sheet: the sheet.
      rng: source of every random choice.
      slack: as of `mark_boxes`.

    Returns:
      uint8 [H, W], 0 black to 255 white; float32 [n, 4], the boxes of the marks as ymin, xmin, ymax, xmax in shares of
      the page; int64 [n], their labels.
    """
    rows, columns = sheet.ink.shape
    matrix = _feed(rows, columns, rng)
    edges = 255 if rng.random() < 0.12 else 0  # some scanners see black beyond the sheet
    ink = cv2.warpAffine(sheet.ink, matrix, (columns, rows), flags=cv2.INTER_LINEAR, borderValue=edges)
    boxes, labels = mark_boxes(sheet, matrix, rng, slack)

    wear(ink, sheet.scale, rng)
    specks(ink, sheet.scale, rng)
    if rng.random() < 0.4:
        _black_edges(ink, sheet.scale, rng)
    pixels = _grey(ink, rng) if rng.random() < 0.1 else threshold(ink, sheet.scale, rng)
    if rng.random() < 0.015:  # fed upside down
        pixels = np.ascontiguousarray(pixels[::-1, ::-1])
        boxes = 1 - boxes[:, [2, 3, 0, 1]]
    return pixels, boxes, labels


# ---- geometry ----


def _feed(rows: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """The affine map of the sheet's skew, size and shift on the scanner, float [2, 3] for OpenCV."""
    degrees = rng.normal(0, 0.35) if rng.random() < 0.85 else rng.normal(0, 1.4)
    size = rng.uniform(0.95, 1.01) if rng.random() < 0.92 else rng.uniform(0.78, 0.95)
    matrix: np.ndarray = cv2.getRotationMatrix2D((columns / 2, rows / 2), float(np.clip(degrees, -3.5, 3.5)), size)
    slack = max(0.004, (1 - size) / 2)
    matrix[:, 2] += rng.uniform(-slack, slack, 2) * (columns, rows)
    return matrix


# ---- wear ----


def wear(ink: np.ndarray, scale: float, rng: np.random.Generator) -> None:
    """Sometimes thickens or thins all lines slightly and fades the page in patches. In place."""
    kind = rng.random()
    kernel = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    if kind < 0.2 and scale > 1.7:
        cv2.dilate(ink, kernel, dst=ink)
    elif kind < 0.25 and scale > 2.1:
        cv2.erode(ink, kernel, dst=ink)
    if rng.random() < 0.3:
        rows, columns = ink.shape
        least = rng.uniform(0.45, 0.9)
        coarse = rng.uniform(least, 1.1, (int(rng.integers(2, 12)), int(rng.integers(2, 8)))).clip(0, 1)
        fade = cv2.resize((255 * coarse).astype(np.uint8), (columns, rows), interpolation=cv2.INTER_LINEAR)
        cv2.multiply(ink, fade, dst=ink, scale=1 / 255)


def specks(ink: np.ndarray, scale: float, rng: np.random.Generator) -> None:
    """Adds dust: single dots, blots, streaks, and dense bands along an edge. In place."""
    rows, columns = ink.shape
    count = int(10 ** rng.uniform(0.3, 2.9))
    y, x = (rng.random((2, count)) * [[rows], [columns]]).astype(int)
    ink[y, x] = 255
    if rng.random() < 0.3:  # a dirty glass: dense along an edge, less so inwards
        count = int(10 ** rng.uniform(2.5, 4.2))
        along, inward = rng.random(count), rng.exponential(rng.uniform(0.03, 0.3), count).clip(0, 0.999)
        side = int(rng.integers(4))
        u, v = (inward, along) if side < 2 else (along, inward)
        u, v = (1 - u if side == 0 else u), (1 - v if side == 2 else v)
        y, x = ((v * rows).astype(int).clip(0, rows - 1), (u * columns).astype(int).clip(0, columns - 1))
        size = max(1, round(0.5 * scale))
        for dy in range(size):
            for dx in range(size):
                ink[(y + dy).clip(0, rows - 1), (x + dx).clip(0, columns - 1)] = 255
    for _ in range(int(rng.poisson(3))):
        center = int(rng.integers(columns)), int(rng.integers(rows))
        cv2.circle(ink, center, max(1, round(scale * rng.exponential(0.9))), 255, -1)
    for _ in range(int(rng.poisson(0.35))):  # scratches and folds
        if rng.random() < 0.7:
            x0 = int(rng.integers(columns))
            cv2.line(
                ink,
                (x0, 0),
                (x0 + int(rng.normal(0, 0.01 * columns)), int(rows * rng.uniform(0.3, 1))),
                int(rng.integers(90, 255)),
                1,
            )
        else:
            ends = rng.random((2, 2)) * (columns, rows)
            start, stop = (tuple(int(v) for v in end) for end in ends)
            cv2.line(ink, start, stop, 255, max(1, round(scale * rng.uniform(0.3, 1))))


def _black_edges(ink: np.ndarray, scale: float, rng: np.random.Generator) -> None:
    """Adds ragged or straight black bars along some edges, as of the lid or the next sheet. In place."""
    rows, columns = ink.shape
    wide = 0.02 if rng.random() < 0.8 else 0.08
    for side in range(4):
        if rng.random() < 0.5:
            continue
        length = rows if side < 2 else columns
        depth = rng.exponential(wide) * (columns if side < 2 else rows)
        depth = min(depth, 0.09 * columns)
        at = np.linspace(0, length, 12)
        profile = (
            depth * rng.uniform(0.5, 1.5)
            + np.linspace(0, rng.normal(0, 0.4), 12) * depth
            + rng.normal(0, 0.6 * scale, 12)
        )
        profile = profile.clip(0)
        start, stop = sorted(rng.integers(0, 13, 2)) if rng.random() < 0.3 else (0, 12)
        if stop - start < 2:
            continue
        edge = np.column_stack([profile, at])[start:stop]
        polygon = np.vstack([edge, [(0, edge[-1, 1])], [(0, edge[0, 1])]])
        if side >= 2:
            polygon = polygon[:, ::-1]
        if side == 1:
            polygon[:, 0] = columns - polygon[:, 0]
        if side == 3:
            polygon[:, 1] = rows - polygon[:, 1]
        cv2.fillPoly(ink, [np.round(polygon).astype(np.int32)], 255)


# ---- the sensor ----


def threshold(ink: np.ndarray, scale: float, rng: np.random.Generator) -> np.ndarray:
    """A 1-bit scan of ink, uint8 [H, W]: blur, grain, and a random threshold. 0 black, 255 white."""
    blur = rng.uniform(0.2, 0.45) * scale * 0.6
    soft = cv2.GaussianBlur(ink, (3, 3), blur) if blur > 0.3 else ink
    grain: np.ndarray = rng.integers(
        0, int(rng.choice([2, 30, 70])), (ink.shape[0] // 2 + 1, ink.shape[1] // 2 + 1), dtype=np.uint8
    )
    grain = cv2.resize(grain, ink.shape[::-1], interpolation=cv2.INTER_NEAREST)
    soft = cv2.subtract(soft, grain)
    return cv2.threshold(soft, float(rng.uniform(60, 125)), 255, cv2.THRESH_BINARY_INV)[1]


def _grey(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A grey scan of ink, uint8 [H, W], with grain, on paper that is not white, in ink that is not black."""
    paper, black = rng.uniform(205, 255), rng.uniform(0, 70)
    soft = cv2.GaussianBlur(ink, (3, 3), rng.uniform(0.4, 1.0))
    grey = cv2.convertScaleAbs(soft, alpha=(black - paper) / 255, beta=paper)
    grain = rng.integers(0, int(rng.integers(2, 24)), ink.shape, dtype=np.uint8)
    return cv2.subtract(grey, grain)
