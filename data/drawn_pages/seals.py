"""Draws unlabelled seals: round and oval stamps with lettering around the edge, and seals of embossed foil."""

import cv2
import numpy as np

from data.drawn_pages import text
from data.drawn_pages.marks import blotches, turn
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.text import pick

_FACES = ("DejaVuSans-Bold", "DejaVuSans", "STIXGeneralBol", "cmb10")


def round_stamp(sheet: Sheet, rng: np.random.Generator, x: float, y: float, radius: float) -> None:
    """Stamps circles with an organisation around them, and a word, a date or a star inside.

    Args:
      sheet: the sheet.
      rng: source of every random choice.
      x, y: the middle, points.
      radius: points.
    """
    half = max(12, round(radius * sheet.scale))
    stamp = np.zeros((2 * half, 2 * half), np.uint8)
    width = max(1, round(sheet.scale * rng.uniform(0.8, 2.2)))
    for share in (0.97, 0.9, 0.6)[rng.integers(2) :]:
        cv2.circle(stamp, (half, half), int(half * share), 255, width)
    stamp = np.maximum(stamp, _around(sheet, rng, half))
    if rng.random() < 0.6:
        for row, line in enumerate((text.surname(rng).upper(), text.date(rng).upper())[: int(rng.integers(1, 3))]):
            word = sheet.face(pick(rng, _FACES), 0.26 * radius).render(line)[:, : int(1.1 * half)]
            top, left = half + int((row - 0.6) * 0.36 * half), half - word.shape[1] // 2
            place = stamp[top : top + word.shape[0], left : left + word.shape[1]]
            np.maximum(place, word[: place.shape[0], : place.shape[1]], out=place)
    else:
        _star(stamp, half, 0.3 * half, int(rng.integers(5, 9)), 0.45)
    turned = turn(stamp, rng.uniform(-60, 60))
    inked = cv2.multiply(turned, blotches(turned.shape, rng), scale=rng.uniform(0.4, 1.0) / 255)
    squeeze = rng.uniform(0.55, 0.8) if rng.random() < 0.15 else 1.0  # an oval one
    inked = cv2.resize(inked, None, fx=1.0, fy=squeeze, interpolation=cv2.INTER_AREA).astype(np.uint8)
    rows, columns = np.array(inked.shape) / sheet.scale
    sheet.paste(inked, x - columns / 2, y - rows / 2)


def foil_seal(sheet: Sheet, rng: np.random.Generator, x: float, y: float, radius: float) -> None:
    """Sticks a serrated seal of dark foil, with rings and a star that are lighter, around a point; points."""
    half = max(12, round(radius * sheet.scale))
    seal = np.zeros((2 * half, 2 * half), np.uint8)
    dark = int(rng.integers(70, 200))
    _star(seal, half, 0.98 * half, int(rng.integers(18, 48)), rng.uniform(0.85, 0.94), dark)
    for share in rng.uniform(0.3, 0.85, int(rng.integers(1, 4))):
        cv2.circle(seal, (half, half), int(half * share), dark // 2, max(1, half // 30))
    _star(seal, half, 0.35 * half, int(rng.integers(4, 9)), rng.uniform(0.4, 0.7), dark // 2)
    around = _around(sheet, rng, half)
    seal = np.where(around > 127, dark // 3, seal).astype(np.uint8)
    sheet.paste(seal, x - radius, y - radius)


def _around(sheet: Sheet, rng: np.random.Generator, half: int) -> np.ndarray:
    """The name of an organisation along a circle, uint8 [2 half, 2 half]."""
    size = 0.24 * half / sheet.scale
    line = sheet.face(pick(rng, _FACES), size).render(f"{text.company(rng)} * {text.city(rng)} * ".upper())
    circumference = round(2 * np.pi * 0.75 * half)
    columns = min(line.shape[1], circumference)
    strip = np.zeros((circumference, half), np.uint8)  # row: angle, column: distance from the middle
    top = round(0.64 * half)
    inward = np.rot90(line[:, :columns], -1)  # the heads of the letters point outwards
    height = min(inward.shape[1], half - top)
    strip[:columns, top : top + height] = inward[:, -height:]
    flags = cv2.WARP_POLAR_LINEAR | cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR | cv2.WARP_FILL_OUTLIERS
    picture = cv2.warpPolar(strip, (2 * half, 2 * half), (half, half), half, flags)
    inside = cv2.circle(np.zeros_like(picture), (half, half), half, 255, -1)
    return cv2.bitwise_and(picture, inside)


def _star(picture: np.ndarray, middle: int, radius: float, points: int, inner: float, ink: int = 255) -> None:
    """Fills a star; `inner` is the share of the radius between its points. In place."""
    angle = np.arange(2 * points) * np.pi / points
    reach = np.where(np.arange(2 * points) % 2, inner, 1.0) * radius
    corners = middle + (reach * np.array([np.cos(angle), np.sin(angle)])).T
    cv2.fillPoly(picture, [np.round(corners).astype(np.int32)], ink)
