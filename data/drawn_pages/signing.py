"""How people sign: over the typed name, through the rule, up into the last line; and what a drawn box then takes in."""

import numpy as np

from data.drawn_pages import handwriting
from data.drawn_pages.sheet import Box, DATE, INITIALS, Sheet, SIGNATURE


def sign(
    sheet: Sheet,
    rng: np.random.Generator,
    x: float,
    y: float,
    width: float,
    *,
    height: float | None = None,
    room: float = np.inf,
    near: tuple[Box, ...] = (),
    reach: float = 0.0,
) -> None:
    """Signs on a baseline.

    Args:
      sheet: what is signed.
      rng: source of every choice.
      x, y: where the signature starts, and the baseline it stands on; both are only roughly kept.
      width: usual width of the signature, points.
      height: most height, points.
      room: how wide it may be at most, points.
      near: typed lines around; those that the ink comes to within `reach` points of are taken into the box.
      reach: points; negative where the ink has to run well into a line.
    """
    width = min(width * rng.lognormal(0, 0.25), room)
    ink = handwriting.signature(rng, width, sheet.scale, height, sheet.printed)
    rows, columns = np.array(ink.shape) / sheet.scale
    left = x + rng.normal(0, 0.06 * width)
    top = y - rows * rng.uniform(0.62, 0.95)
    if height is not None:
        top = y - rows * rng.uniform(0.75, 1.0)
    left = min(max(left, 8), max(8, sheet.width - columns - 8))
    top = max(top, 5)
    taken = tuple(box for box in near if _gap((left, top, left + columns, top + rows), box) < reach)
    sheet.mark(SIGNATURE, ink, left, top, taken)


def _gap(one: Box, other: Box) -> float:
    """Points between two boxes; below 0 where they overlap, by how much."""
    across = max(one[0], other[0]) - min(one[2], other[2])
    down = max(one[1], other[1]) - min(one[3], other[3])
    return max(across, down)


def date_by_hand(sheet: Sheet, rng: np.random.Generator, x: float, y: float, width: float = 75.0) -> None:
    """Writes a date from `x` on, on the baseline `y`."""
    ink = handwriting.date(rng, width * rng.lognormal(0, 0.25), sheet.scale)
    sheet.mark(DATE, ink, x + rng.normal(0, 3), y - ink.shape[0] / sheet.scale * rng.uniform(0.75, 1.0))


def initial(sheet: Sheet, rng: np.random.Generator, x: float, y: float) -> None:
    """Writes initials around `x`, on the baseline `y`."""
    width, height = 43 * rng.lognormal(0, 0.26), 38 * rng.lognormal(0, 0.28)
    ink = handwriting.initials(rng, width, height, sheet.scale)
    rows, columns = np.array(ink.shape) / sheet.scale
    left = min(max(x - columns / 2, 4), sheet.width - columns - 4)
    sheet.mark(INITIALS, ink, left, min(y - 0.8 * rows, sheet.height - rows - 3))
