"""Draws pages with much handwriting that is no signature: letters by hand, and typed letters full of notes."""

import numpy as np

from data.drawn_pages import handwriting, marks, text
from data.drawn_pages.letters import letter
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.signing import date_by_hand, sign
from data.drawn_pages.text import pick


def manuscript(sheet: Sheet, rng: np.random.Generator, signed: bool = True) -> None:
    """Lays out a letter by hand, or a typed one on which readers have written."""
    if rng.random() < 0.5:
        _by_hand(sheet, rng, signed)
        marks.clutter(sheet, rng, 0.5)
        return
    letter(sheet, rng, signed)
    for _ in range(int(rng.integers(2, 6))):
        marks.notes(sheet, rng)
    if rng.random() < 0.6:
        marks.scribbles(sheet, rng, 0.1 * sheet.width, 0.9 * sheet.width, 0.15 * sheet.height, 0.8 * sheet.height)


def _by_hand(sheet: Sheet, rng: np.random.Generator, signed: bool) -> None:
    """Lines of handwriting, sometimes on ruled paper, and the signature below."""
    x_height, left = rng.uniform(3.5, 8), rng.uniform(30, 90)
    leading = x_height * rng.uniform(3.0, 4.5)
    y = rng.uniform(40, 130)
    if rng.random() < 0.3:
        marks.letterhead(sheet, rng)
        y = max(y, 120.0)
    if rng.random() < 0.35:
        for rule in np.arange(y + 1.5 * x_height, sheet.height - 30, leading):
            sheet.line(20, rule, sheet.width - 20, rule, 0.5)
    if rng.random() < 0.4:
        date_by_hand(sheet, rng, sheet.width - 180, y)
        y += leading
    bottom = sheet.height * rng.uniform(0.3, 0.8)
    room = round((sheet.width - left - 25) * sheet.scale)
    while y < bottom:
        said = text.phrase(rng, int(rng.integers(3, 11)))
        line = handwriting.note(rng, said.capitalize() if rng.random() < 0.3 else said, x_height, sheet.scale)
        sheet.paste(line[:, :room], left + rng.normal(0, 4), y - line.shape[0] / sheet.scale / 2)
        y += leading * (1.0 if rng.random() < 0.9 else 1.6)
    if rng.random() < 0.6:
        closing = handwriting.note(rng, pick(rng, text.CLOSINGS), x_height, sheet.scale)
        sheet.paste(closing, rng.uniform(0.3, 0.6) * sheet.width, y)
    if signed:
        x, base = rng.uniform(0.25, 0.6) * sheet.width, min(y + 3 * leading, sheet.height - 25)
        sign(sheet, rng, x, base, 110, height=rng.uniform(30, 65), room=0.4 * sheet.width)
