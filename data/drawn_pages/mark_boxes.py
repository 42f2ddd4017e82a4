"""The boxes of a sheet's marks in the picture that a scanner or a camera takes of it."""

import numpy as np

from data.drawn_pages.sheet import DATE, INITIALS, REDACTION, Sheet, SIGNATURE

_SLACK = {SIGNATURE: 1.0, INITIALS: 0.5, DATE: 0.5, REDACTION: 0.0}
"""Label -> factor of the slack."""


def mark_boxes(
    sheet: Sheet, matrix: np.ndarray, rng: np.random.Generator, slack: float
) -> tuple[np.ndarray, np.ndarray]:
    """The boxes of the marks, with random slack, as hand-drawn ones: less around initials and dates, none around
    redactions. Marks of which half is off the picture are left out.

    Args:
      sheet: the sheet; the picture has its size.
      matrix: from the sheet to the picture, float [2, 3] for an affine map, float [3, 3] for a projection.
      rng: source of every random choice.
      slack: usual distance of a hand-drawn box from the ink above and below, as a share of the page's height; 0 for
        boxes around the ink alone, without the typed lines that a loose box takes in.

    Returns:
      (float32 [n, 4], ymin, xmin, ymax, xmax in shares of the picture; int64 [n], their labels).
    """
    rows, columns = sheet.ink.shape
    slack *= rng.uniform(0, 2)  # some people draw tight boxes
    boxes, labels = [], []
    for mark in sheet.marks:
        outline = _moved(mark.outline if slack else mark.ink, matrix)
        low, high = outline.min(0) / (columns, rows), outline.max(0) / (columns, rows)
        more = rng.uniform(0.3, 1.7, 4) * slack * _SLACK[mark.label] * (1, 1.7, 1, 1.7)
        box = np.array([low[1] - more[0], low[0] - more[1], high[1] + more[2], high[0] + more[3]])
        inside = box.clip(0, 1)
        if np.prod(inside[2:] - inside[:2]) > 0.5 * np.prod(box[2:] - box[:2]):
            boxes.append(inside)
            labels.append(mark.label)
    return np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64)


def _moved(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Points [n, 2], x and y, in the picture."""
    moved: np.ndarray = points @ matrix[:2, :2].T + matrix[:2, 2]
    if len(matrix) == 3:
        moved = moved / (points @ matrix[2, :2] + matrix[2, 2])[:, None]
    return moved
