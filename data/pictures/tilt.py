"""Measures the tilt of the lines of writing on a page, and turns the page back."""

import functools

import cv2
import numpy as np

LARGEST = 25.0
"""Largest tilt in degrees that is recognised."""

_SIDE = 256
_COARSE, _FINE = 2.0, 0.5
_PAPER = 25
_SURER = 1.15
"""Factor by which the sharpness of the page turned back must exceed that of the page."""


def tilt_of(page: np.ndarray) -> float:
    """Angle between the lines of writing and the nearest side of a page.

    If the page is turned back by the right angle, rows of pixels fall on lines of writing or between them, so that the
    sums of rows differ most (Postl, "Detection of linear oblique structures and skew scan in digitized documents",
    1986). For pages that lie on their side, columns are compared.

    Args:
      page: uint8 [H, W].

    Returns:
      Degrees from -`LARGEST` to `LARGEST` in steps of half a degree; 0 for a page without clear lines.
    """
    small = cv2.resize(page, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    marks = cv2.absdiff(small, cv2.medianBlur(small, _PAPER)).astype(np.float32) * _disc()
    down, across = (side / max(page.shape) for side in page.shape)

    @functools.cache
    def sharpness(angle: float) -> float:
        # turns the page, not the square to which it was resized
        shape = np.diag((across, down))
        turn = cv2.getRotationMatrix2D((0, 0), angle, 1)[:, :2]
        matrix = np.linalg.inv(shape) @ turn @ shape
        middle = np.full(2, (_SIDE - 1) / 2)
        back = cv2.warpAffine(marks, np.column_stack([matrix, middle - matrix @ middle]), (_SIDE, _SIDE))
        return max(float(np.square(np.diff(back.sum(axis=axis))).sum()) for axis in (0, 1))

    best = max(np.arange(-LARGEST, LARGEST + _COARSE / 2, _COARSE).tolist(), key=sharpness)
    near = np.arange(best - _COARSE + _FINE, best + _COARSE, _FINE).clip(-LARGEST, LARGEST)
    best = max(near.tolist(), key=sharpness)
    return best if sharpness(best) > _SURER * sharpness(0.0) else 0.0


def turn_back(page: np.ndarray, degrees: float, paper: int) -> np.ndarray:
    """A page without its tilt, of the same size.

    Args:
      page: uint8 [H, W].
      degrees: its tilt, as `tilt_of` measures it.
      paper: value of what lay outside the page.
    """
    height, width = page.shape
    matrix = _matrix(degrees, page.shape)
    return cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=paper)


def turned_back(x: float, y: float, degrees: float, shape: tuple[int, ...]) -> tuple[float, float]:
    """Where a point of a page of a height and width lies after `turn_back`, in pixels."""
    x, y = _matrix(degrees, shape) @ (x, y, 1.0)
    return x, y


def _matrix(degrees: float, shape: tuple[int, ...]) -> np.ndarray:
    return cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), degrees, 1)


@functools.cache
def _disc() -> np.ndarray:
    """float32 [_SIDE, _SIDE], 1 in a disc, 0 outside, where the content of a turned page depends on the angle."""
    rows, columns = np.indices((_SIDE, _SIDE)) - (_SIDE - 1) / 2
    return (np.hypot(rows, columns) < 0.47 * _SIDE).astype(np.float32)
