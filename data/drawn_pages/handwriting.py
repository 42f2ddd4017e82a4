"""Draws handwriting as ink: signatures, initials, dates, words and notes.

Every function returns uint8 [H, W], 255 for full ink and 0 for paper, cropped to the ink with a margin of one pixel.
Sizes are in points, 1/72 inch; `scale` is px per point.
"""

import cv2
import numpy as np

from data.drawn_pages.text import pick, surname
from data.signatures.cursive_names import plan_printing, plan_writing
from data.signatures.synthetic_signatures import draw_signature

INK = 96
"""Darkness from which a pixel counts as ink; fainter pixels seldom survive the scanner's threshold."""

_GRAIN = 16
"""Largest darkness of paper grain in the scan of a signature, which must not appear as a rectangle on the page."""

_FINE, _SHIFT, _STEPS = 2, 4, 5
"""Pixels of the drawing per pixel of the ink, fractional bits of its coordinates, points per span of a curve."""

_T = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
_HERMITE = np.hstack([2 * _T**3 - 3 * _T**2 + 1, _T**3 - 2 * _T**2 + _T, 3 * _T**2 - 2 * _T**3, _T**3 - _T**2])

_FIRST_NAMES = ("Robert", "Mary", "William", "Susan", "Kenneth", "Marion", "Alan", "Steven", "Helen", "Louise")


def cut(ink: np.ndarray) -> np.ndarray:
    """Crops uint8 [H, W] to its ink with a margin of one pixel; without ink, the result is a single pixel."""
    rows, columns = np.flatnonzero(ink.max(1) >= INK), np.flatnonzero(ink.max(0) >= INK)
    if not len(rows):
        return np.zeros((1, 1), np.uint8)
    return ink[max(0, rows[0] - 1) : rows[-1] + 2, max(0, columns[0] - 1) : columns[-1] + 2]


def signature(
    rng: np.random.Generator, width: float, scale: float, height: float | None = None, printed: float = 0.0
) -> np.ndarray:
    """Draws a signature.

    Most come from `data.signatures.synthetic_signatures`; some are the whole name in longhand. Lines are thickened at
    random, as by ballpoints and felt tips. If the height is small, the signature becomes flat and wide, and then small.

    Args:
      rng: source of every random choice.
      width: points.
      scale: px per point.
      height: largest height, points; None for no limit.
      printed: share of signatures in separate letters.
    """
    if printed and rng.random() < printed:
        return _printed_name(rng, width, scale, height)
    if rng.random() < 0.12 or (height is not None and height < 0.16 * width and rng.random() < 0.75):
        return _longhand(rng, width, scale, height)
    scanned = draw_signature(int(rng.integers(2**31)), int(rng.integers(2**31)), 0)
    ink = cut(cv2.subtract(255 - _GRAIN, scanned))  # type: ignore[call-overload]  # OpenCV takes a number
    thicker = int(rng.choice(6, p=[0.3, 0.2, 0.2, 0.15, 0.1, 0.05]))
    if thicker:
        ink = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (thicker + 1, thicker + 1)))
    ink = cv2.convertScaleAbs(ink, alpha=rng.uniform(1.5, 3.5))
    flatness = rng.uniform(0.75, 1)
    rows, columns = ink.shape
    factor = width * scale / columns
    if height is not None:
        flatness = max(0.6, min(flatness, height * scale / (rows * factor)))
        factor = min(factor, height * scale / (rows * flatness))
    size = max(3, round(columns * factor)), max(3, round(rows * factor * flatness))
    return cut(cv2.resize(ink, size, interpolation=cv2.INTER_AREA))


def _longhand(rng: np.random.Generator, width: float, scale: float, height: float | None) -> np.ndarray:
    first = pick(rng, _FIRST_NAMES)
    name = pick(rng, ("{f} {m}. {s}", "{f} {s}", "{f} {m} {s}", "{f} {f} {s}")).format(
        f=first, m=pick(rng, "ABCDEFGHJKLM"), s=surname(rng)
    )
    return written(rng, name, scale, width=width, height=height, pen=rng.uniform(0.7, 1.9), widest=1.9)


def _printed_name(rng: np.random.Generator, width: float, scale: float, height: float | None) -> np.ndarray:
    """Draws initials or a first name, and a family name, in upright separate letters, often with a felt tip."""
    first, family = pick(rng, _FIRST_NAMES), surname(rng)
    form = pick(rng, ("{f} {s}", "{i}. {s}", "{i}. {i}. {s}", "{i}. {m}. {s}"))
    name = form.format(f=first, i=first[0], m=pick(rng, "ABCDEFGHJKLM"), s=family)
    plan = plan_printing(name.upper() if rng.random() < 0.35 else name, rng)
    height = min(height or np.inf, 0.35 * width)
    return _draw(plan, rng, scale, width, height, rng.uniform(0.7, 2.4), widest=1.35, slant=rng.normal(0.05, 0.1))


def initials(rng: np.random.Generator, width: float, height: float, scale: float) -> np.ndarray:
    """Draws one to three capitals, often overlapping, some underlined, that fill about `width` x `height` points."""
    letters = "".join(
        pick(rng, "ABCDEFGHJKLMNPRSTW") for _ in range(int(rng.choice([2, 2, 3, 1], p=[0.4, 0.2, 0.3, 0.1])))
    )
    if rng.random() < 0.3:
        letters = letters[0] + surname(rng)[1 : int(rng.integers(2, 4))].lower() + letters[1:]
    plan = plan_writing(letters, rng, space=(-0.9, 0.4))
    points = np.concatenate(plan)
    left, right, bottom = points[:, 0].min(), points[:, 0].max(), points[:, 1].min()
    if rng.random() < 0.3:  # a tail below
        tail = rng.normal([(right, 0.2), (right + 0.8, 0.8), (right, bottom - 0.2), (left, bottom - 0.4)], 0.15)
        plan.append(np.column_stack([tail, np.zeros(4)]))
    return _draw(plan, rng, scale, width, height, pen=rng.uniform(0.8, 2.0), stretch=True)


def date(rng: np.random.Generator, width: float, scale: float) -> np.ndarray:
    """Draws a date in figures or words, about `width` points wide."""
    month, day, year = int(rng.integers(1, 13)), int(rng.integers(1, 32)), int(rng.integers(1960, 2016))
    short = rng.random() < 0.75
    if short:
        separator = pick(rng, "//-/.")
        text = separator.join((str(month), str(day), str(year)[2 * (rng.random() < 0.7) :]))
    else:
        text = pick(rng, ("{m} {d}, {y}", "{m}. {d}, {y}", "{d} {m} {y}", "{m} {d}")).format(
            m=pick(rng, ("Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")),
            d=day,
            y=pick(rng, (year, str(year)[2:])),
        )
    return written(rng, text, scale, width=width, height=0.45 * width, pen=rng.uniform(0.7, 1.8))


def note(rng: np.random.Generator, text: str, x_height: float, scale: float) -> np.ndarray:
    """Draws words whose small letters are `x_height` points high."""
    return _draw(plan_writing(text, rng), rng, scale, pen=rng.uniform(0.5, 1.3), x_height=x_height)


def written(
    rng: np.random.Generator,
    text: str,
    scale: float,
    *,
    width: float,
    height: float | None = None,
    pen: float = 1.0,
    widest: float = 1.35,
) -> np.ndarray:
    """Draws words that fill `width` points, or `height` points if those are reached first.

    People write wider on a line to fill, up to `widest` times as wide as usual.

    Raises:
      ValueError: no character of the text can be written.
    """
    return _draw(plan_writing(text, rng), rng, scale, width, height, pen, widest=widest)


def check_mark(rng: np.random.Generator, size: float, scale: float) -> np.ndarray:
    """Draws a tick or a cross of about `size` points."""
    tick = [np.array([(0, 0.45, 0), (0.3, 0, 1), (1, rng.uniform(0.8, 1.8), 0)])]
    cross = [np.array([(0, 0, 0), (1, 1, 0)]), np.array([(0, 1, 0), (1, 0, 0)])]
    return _draw(tick if rng.random() < 0.6 else cross, rng, scale, size, 1.5 * size, rng.uniform(0.7, 2))


def loop(rng: np.random.Generator, width: float, height: float, scale: float) -> np.ndarray:
    """Draws an oval around something, `width` x `height` points."""
    angle = np.linspace(0, 2 * np.pi + rng.uniform(-0.3, 0.6), 12) + rng.uniform(0, 6)
    points = (
        np.column_stack([np.cos(angle), np.sin(angle)]) * (width / 2, height / 2) * np.linspace(1, 1.05, 12)[:, None]
    )
    plan = [np.column_stack([points + rng.normal(0, 0.015 * width, points.shape), np.zeros(12)])]
    return _draw(plan, rng, scale, width, height, rng.uniform(0.7, 2), stretch=True, slanted=False)


def _draw(
    plan: list[np.ndarray],
    rng: np.random.Generator,
    scale: float,
    width: float | None = None,
    height: float | None = None,
    pen: float = 1.0,
    *,
    x_height: float = 1.0,
    stretch: bool = False,
    widest: float = 1.0,
    slanted: bool = True,
    slant: float | None = None,
) -> np.ndarray:
    """Draws components (`data.signatures.cursive_names`) with a round pen `pen` points wide.

    They are slanted, at random if `slant` is None, and scaled to `width` and `height`: to both if `stretch` is set,
    otherwise to the one that is reached first; without a width, to `x_height` points per x-height.

    Raises:
      ValueError: there are no components.
    """
    if not plan:
        raise ValueError("nothing to write")
    points = np.concatenate(plan)
    xy = points[:, :2] * (1, -1)
    if slanted:
        slope, usual = rng.normal(-0.02, 0.04), rng.normal(0.25, 0.25)
        xy = xy @ np.array([[1, slope], [-(usual if slant is None else slant), 1]])
    xy -= xy.min(0)
    size = np.maximum(xy.max(0), 1e-3)
    if width is None:
        factor = np.array([x_height, x_height])
    elif stretch:
        factor = np.array([width, height]) / np.maximum(size, 0.2 * size.max())
    else:
        factor = np.full(2, width / size[0])
        if height is not None and height < factor[1] * size[1]:
            factor *= height / (factor[1] * size[1])
            factor[0] *= min(widest, width / (factor[0] * size[0]))
    pen = min(pen, 0.05 + 0.22 * float(factor.mean()))  # a felt tip does not write small
    xy *= factor * scale
    thickness = max(1, round(pen * scale * _FINE))
    margin = thickness / _FINE + 1
    columns, rows = (int(length) for length in np.ceil(xy.max(0) + 2 * margin))
    drawing = np.zeros((rows * _FINE, columns * _FINE), np.uint8)
    cv2.polylines(drawing, _curves(xy + margin, points[:, 2] > 0, plan), False, 255, thickness, cv2.LINE_8, _SHIFT)
    ink = cv2.resize(drawing, (columns, rows), interpolation=cv2.INTER_AREA)
    return cut(cv2.convertScaleAbs(ink, alpha=rng.uniform(0.75, 1.4)))


def _curves(xy: np.ndarray, corner: np.ndarray, plan: list[np.ndarray]) -> list[np.ndarray]:
    """Catmull-Rom curves through each component, int32 [n, 1, 2] in fixed-point px of the drawing."""
    lengths = np.array([len(part) for part in plan])
    stops = np.cumsum(lengths)
    tangent = np.zeros_like(xy)
    tangent[1:-1] = 0.5 * (xy[2:] - xy[:-2])
    tangent[corner] = 0
    tangent[stops - 1] = tangent[stops - lengths] = 0
    control = np.stack([xy[:-1], tangent[:-1], xy[1:], tangent[1:]], 1)  # [n - 1, 4, 2]
    fine = np.einsum("tk,nkd->ntd", _HERMITE, control).reshape(-1, 2)
    fine = np.round(fine * (_FINE << _SHIFT)).astype(np.int32)
    ends = np.round(xy * (_FINE << _SHIFT)).astype(np.int32)
    return [
        np.vstack([fine[start * _STEPS : (stop - 1) * _STEPS], ends[stop - 1 : stop]]).reshape(-1, 1, 2)
        for start, stop in zip(stops - lengths, stops, strict=True)
    ]
