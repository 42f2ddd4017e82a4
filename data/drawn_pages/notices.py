"""Draws notices and office letters of today: proportional type, a letterhead across the page, stamps, no closing."""

import numpy as np

from data.drawn_pages import marks, seals, text, typefaces
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.signing import initial, sign
from data.drawn_pages.text import pick

_HEADS = ("NOTICE", "NOTICE", "CIRCULAR", "OFFICE ORDER", "TO WHOM IT MAY CONCERN", "NOTIFICATION", "PRESS RELEASE")


def notice(sheet: Sheet, rng: np.random.Generator, signed: bool = True) -> None:
    """Lays out a notice."""
    family = pick(rng, (*typefaces.SERIFS, *typefaces.SANS))
    size = rng.uniform(9, 13)
    face, bold = sheet.face(family, size), sheet.face(typefaces.BOLD[family], size * rng.uniform(1.0, 1.5))
    leading = size * rng.uniform(1.2, 1.7)
    left, right = rng.uniform(45, 90), sheet.width - rng.uniform(45, 90)
    y = marks.letterhead(sheet, rng) + rng.uniform(15, 40)
    if rng.random() < 0.7:
        sheet.line(left - 15, y, right + 15, y, rng.uniform(0.7, 3))
    y += 2 * leading
    sheet.text(left, y, f"Ref. No. {text.surname(rng)[:3].upper()}/{rng.integers(1, 999)}/{rng.integers(10, 99)}", face)
    sheet.text(right, y, "Date: " + text.date(rng), face, align="right")
    y += rng.uniform(2, 3) * leading
    head = sheet.text(sheet.width / 2, y, pick(rng, _HEADS), bold, align="center")
    if rng.random() < 0.6:
        sheet.line(head[0], y + 3, head[2], y + 3)
    y += 2 * leading
    bottom = sheet.height * rng.uniform(0.35, 0.72)
    while y < bottom:
        words = text.prose(rng, int(rng.integers(1, 4)))
        y = sheet.paragraph(left, y, right - left, words, face, leading, justify=rng.random() < 0.6, bottom=bottom + 40)
        y += leading * rng.uniform(0.5, 1.2)
    y = _signatory(sheet, rng, family, y, leading, (left, right), signed)
    y += leading
    for line in (text.phrase(rng, 4).capitalize() for _ in range(int(rng.integers(0, 6)))):
        if y < sheet.height - 30:
            sheet.text(left, y, line, face)
        y += leading
    if rng.random() < 0.3:
        marks.stamp(sheet, rng)
    if rng.random() < 0.3:
        marks.notes(sheet, rng)


def _signatory(
    sheet: Sheet,
    rng: np.random.Generator,
    family: str,
    y: float,
    leading: float,
    margins: tuple[float, float],
    signed: bool,
) -> float:
    """A signature over name and office, often with a stamp across it. Returns the y below, points."""
    left, right = margins
    width = rng.uniform(110, 170)
    x = pick(rng, (right - width, right - width, left, sheet.width / 2 - width / 2))
    y = min(y + rng.uniform(30, 60), sheet.height - 90)
    bold = sheet.face(typefaces.BOLD[family] if rng.random() < 0.5 else family, rng.uniform(9, 12))
    names = [text.person(rng), text.title(rng), text.company(rng)][rng.integers(2) :]
    boxes = [sheet.text(x + width / 2, y + (i + 1) * leading, n, bold, align="center") for i, n in enumerate(names)]
    if signed:
        sign(sheet, rng, x, y + rng.uniform(-4, 8), 100, height=58, room=width + 40, near=tuple(boxes[:1]), reach=-3)
        if rng.random() < 0.1:
            initial(sheet, rng, rng.uniform(left, right), min(sheet.height - 40, y + rng.uniform(60, 120)))
    if rng.random() < 0.7:
        beside = rng.uniform(-60, 30) if rng.random() < 0.7 else rng.uniform(-250, -90)
        seals.round_stamp(sheet, rng, max(40.0, x + beside), y + rng.uniform(-20, 20), rng.uniform(28, 48))
    return y + (len(names) + 1) * leading
