"""Adds clutter to crops that is frequent around real signatures and rare on drawn pages.

Clutter is seals and stamps on a signature, rules through it, borders of boxes, patterns of cheques, and dots, dates and
notes beside it.
"""

import cv2
import numpy as np

from data.drawn_pages import handwriting, marks, text
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.text import pick

_TYPEFACES = ("cmtt10", "DejaVuSansMono", "STIXGeneral", "cmr10", "DejaVuSans", "cmss10", "DejaVuSans-Bold", "cmb10")


def add_clutter(cut: Sheet, rng: np.random.Generator) -> None:
    """Adds random clutter to a sheet that is a crop, in place; the layer of signatures does not change."""
    for chance, add in (
        (0.2, rule),
        (0.2, typed_line),
        (0.1, border),
        (0.08, seal),
        (0.06, marks.stamp),
        (0.05, pattern),
        (0.06, dots),
        (0.05, date),
        (0.03, note),
    ):
        if rng.random() < chance:
            add(cut, rng)


def rule(cut: Sheet, rng: np.random.Generator) -> None:
    """Draws the line under a signature: solid, dashed or dotted, often from edge to edge."""
    y = cut.height * rng.uniform(0.45, 0.95)
    left, right = rng.choice((0, 0, 0.1), 2) * cut.width * (1, -1) + (0, cut.width)
    width, slope = rng.uniform(0.4, 2.0), rng.normal(0, 0.6)
    if rng.random() < 0.7:
        cut.line(left, y, right, y + slope, width)
        if rng.random() < 0.1:
            cut.line(left, y + 3 * width, right, y + slope + 3 * width, width)
        return
    dash = pick(rng, (0.8, 1.2, 4.0, 8.0))
    for x in np.arange(left, right, dash * rng.uniform(1.6, 3.0)):
        cut.line(x, y, min(x + dash, right), y, width)


def typed_line(cut: Sheet, rng: np.random.Generator) -> None:
    """Adds a line of type across, beside or over the signature, often cut by the edge of the crop."""
    face = cut.face(pick(rng, _TYPEFACES), rng.uniform(6, 15))
    words = pick(rng, (text.person(rng), text.title(rng), pick(rng, text.CLOSINGS), text.company(rng), text.date(rng)))
    y = pick(rng, (rng.uniform(0, 8), cut.height + rng.uniform(-3, 6), rng.uniform(0, cut.height)))
    cut.text(rng.uniform(-0.1, 0.6) * cut.width, y, words.upper() if rng.random() < 0.2 else words, face)


def border(cut: Sheet, rng: np.random.Generator) -> None:
    """Draws sides of a box near the edges of the crop."""
    width = rng.uniform(0.4, 2.5)
    near = rng.uniform(0, 0.12, 4) * (cut.width, cut.height, cut.width, cut.height)
    left, top, right, bottom = near[0], near[1], cut.width - near[2], cut.height - near[3]
    for x0, y0, x1, y1 in ((left, 0, left, cut.height), (0, top, cut.width, top), (right, 0, right, cut.height)):
        if rng.random() < 0.5:
            cut.line(x0, y0, x1, y1, width)
    if rng.random() < 0.6:
        cut.line(0, bottom, cut.width, bottom, width)


def seal(cut: Sheet, rng: np.random.Generator) -> None:
    """Adds an unevenly inked round stamp: rings, letters along them, words in the middle."""
    radius = round(rng.uniform(25, 55) * cut.scale)
    ink: np.ndarray = np.zeros((2 * radius, 2 * radius), np.uint8)
    middle, thickness = (radius, radius), max(1, round(cut.scale * rng.uniform(0.5, 1.3)))
    inner = rng.uniform(0.6, 0.75)
    for share in (0.97, 0.92, inner)[int(rng.integers(2)) :]:
        cv2.circle(ink, middle, int(share * radius), 255, thickness)
    size = 0.7 * (0.92 - inner) * radius / cut.scale
    face = cut.face(pick(rng, ("DejaVuSans-Bold", "STIXGeneralBol", "DejaVuSans")), size)
    words = (text.company(rng) + " * " + pick(rng, text.words())).upper()
    step = 1.15 * face.size / (0.5 * (0.92 + inner) * radius)
    for place, letter in enumerate(words[: int(2 * np.pi / step)]):
        glyph = marks.turn(face.render(letter), -np.rad2deg(place * step))
        angle = place * step - np.pi / 2
        x, y = (radius * (1 + 0.5 * (0.92 + inner) * np.array([np.cos(angle), np.sin(angle)]))).astype(int)
        left, top = x - glyph.shape[1] // 2, y - glyph.shape[0] // 2
        space = ink[max(0, top) : top + glyph.shape[0], max(0, left) : left + glyph.shape[1]]
        part = glyph[max(0, -top) :, max(0, -left) :][: space.shape[0], : space.shape[1]]
        np.maximum(space, part, out=space)
    for line in range(int(rng.integers(3))):
        word = cut.face("DejaVuSans-Bold", rng.uniform(5, 9)).render(pick(rng, text.words()).upper()[:10])
        word = word[:, : int(1.2 * inner * radius)]
        top, left = radius + round((line - 0.8) * 1.1 * word.shape[0]), radius - word.shape[1] // 2
        ink[top : top + word.shape[0], left : left + word.shape[1]] |= word
    ink = cv2.convertScaleAbs(marks.turn(ink, rng.uniform(-180, 180)), alpha=rng.uniform(0.6, 1.0))
    uneven = marks.blotches(ink.shape, rng)
    half = radius / cut.scale
    x, y = rng.uniform(-0.1, 1.1) * cut.width, rng.uniform(-0.3, 1.3) * cut.height
    cut.paste(cv2.multiply(ink, uneven, scale=1 / 255), x - half, y - half)


def pattern(cut: Sheet, rng: np.random.Generator) -> None:
    """Adds the fine lines or dots that cover cheques and certificates."""
    rows, columns = cut.ink.shape
    y, x = np.indices((rows, columns), dtype=np.float32)
    period = rng.uniform(2.2, 7) * cut.scale
    angle, wave = rng.uniform(0, np.pi), rng.uniform(0, 0.8) * period
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle) + wave * np.sin(along / (1.5 * period))
    waves = np.cos(2 * np.pi * across / period)
    if rng.random() < 0.4:
        waves = np.minimum(waves, np.cos(2 * np.pi * along / period))
    ink = (waves > rng.uniform(0.75, 0.97)) * rng.uniform(60, 255)
    np.maximum(cut.ink, ink.astype(np.uint8), out=cut.ink)


def dots(cut: Sheet, rng: np.random.Generator) -> None:
    """Adds the dots of a bad copy everywhere."""
    size = max(1, round(0.4 * cut.scale))
    share = 10 ** rng.uniform(-2.6, -1.3)
    rows, columns = cut.ink.shape
    few = rng.random((rows // size + 1, columns // size + 1)) < share
    ink = cv2.resize(few.astype(np.uint8) * 255, None, fx=size, fy=size, interpolation=cv2.INTER_NEAREST)
    np.maximum(cut.ink, ink[:rows, :columns], out=cut.ink)


def date(cut: Sheet, rng: np.random.Generator) -> None:
    """Adds a hand-written date to the right of the signature."""
    ink = handwriting.date(rng, rng.uniform(28, 50), cut.scale)
    cut.paste(ink, cut.width - rng.uniform(10, 70), rng.uniform(0.2, 0.9) * cut.height - ink.shape[0] / cut.scale / 2)


def note(cut: Sheet, rng: np.random.Generator) -> None:
    """Adds a tick, or the line of a fax machine."""
    if rng.random() < 0.5:
        ink = handwriting.check_mark(rng, rng.uniform(6, 14), cut.scale)
        cut.paste(ink, rng.uniform(0, 0.9) * cut.width, rng.uniform(0, 0.8) * cut.height)
    else:
        marks.fax_line(cut, rng)
