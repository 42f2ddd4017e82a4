"""Places signatures, initials and dates as people do: over names, through rules, close to lines; with their boxes."""

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
    """Adds a signature.

    Args:
      sheet: the sheet.
      rng: source of every random choice.
      x, y: start and baseline of the signature, to which small random shifts are added.
      width: usual width, points.
      height: largest height, points; None for no limit.
      room: largest width, points.
      near: boxes of typed lines nearby; the box includes those whose distance from the ink is below `reach`.
      reach: points; negative if the ink must overlap a line by so much.
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
    """Distance of two boxes, points; negative for the depth of their overlap."""
    across = max(one[0], other[0]) - min(one[2], other[2])
    down = max(one[1], other[1]) - min(one[3], other[3])
    return max(across, down)


def date_by_hand(sheet: Sheet, rng: np.random.Generator, x: float, y: float, width: float = 75.0) -> None:
    """Adds a hand-written date that begins at `x` on the baseline `y`, about `width` points wide."""
    ink = handwriting.date(rng, width * rng.lognormal(0, 0.25), sheet.scale)
    sheet.mark(DATE, ink, x + rng.normal(0, 3), y - ink.shape[0] / sheet.scale * rng.uniform(0.75, 1.0))


def initial(sheet: Sheet, rng: np.random.Generator, x: float, y: float) -> None:
    """Adds initials around `x` on the baseline `y`."""
    width, height = 43 * rng.lognormal(0, 0.26), 38 * rng.lognormal(0, 0.28)
    ink = handwriting.initials(rng, width, height, sheet.scale)
    rows, columns = np.array(ink.shape) / sheet.scale
    left = min(max(x - columns / 2, 4), sheet.width - columns - 4)
    sheet.mark(INITIALS, ink, left, min(y - 0.8 * rows, sheet.height - rows - 3))
