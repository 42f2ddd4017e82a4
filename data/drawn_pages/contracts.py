"""Draws pages of contracts and articles: numbered clauses, initialled pages, and a last page with several parties."""

import numpy as np

from data.drawn_pages import handwriting, seals, text, typefaces
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.signing import date_by_hand, initial, sign
from data.drawn_pages.text import pick

_SECTIONS = ("ARTICLE", "Article", "Section", "Clause", "Art.")
_ENDS = (
    *("Done at {city}, on {date}", "Signed at {city}", "{city}, {date}", "Fait a {city}, le {date}"),
    *("In witness whereof the parties have signed on {date}", "Executed on {date} in two copies"),
)


def contract(sheet: Sheet, rng: np.random.Generator, signed: bool = True) -> None:
    """Lays out a page of a contract: the last one, or one before with initials in its corner."""
    family = pick(rng, (*typefaces.SANS, *typefaces.SERIFS))
    size = rng.uniform(7.5, 11.5)
    face, bold = sheet.face(family, size), sheet.face(typefaces.BOLD[family], size)
    leading = size * rng.uniform(1.15, 1.5)
    left, right = rng.uniform(40, 85), sheet.width - rng.uniform(40, 85)
    last = rng.random() < 0.75
    bottom = sheet.height * (rng.uniform(0.15, 0.55) if last else rng.uniform(0.8, 0.88))
    y, number = rng.uniform(45, 90), int(rng.integers(1, 30))
    section, justified = pick(rng, _SECTIONS), rng.random() < 0.6
    while y < bottom:
        if rng.random() < 0.5:
            sheet.text(left, y, f"{section} {number} - {text.phrase(rng, 3).upper()}", bold)
            number, y = number + 1, y + 1.5 * leading
        words = text.prose(rng, int(rng.integers(1, 4)))
        y = sheet.paragraph(left, y, right - left, words, face, leading, justify=justified, bottom=bottom + 20)
        y += leading * rng.uniform(0.6, 1.2)
    if last:
        ending = pick(rng, _ENDS).format(city=text.city(rng).split(",")[0], date=text.date(rng))
        sheet.text(left if rng.random() < 0.6 else sheet.width / 2, y, ending, face)
        _parties(sheet, rng, family, size, y + 2 * leading, (left, right), signed)
    elif signed:
        for _ in range(int(rng.integers(1, 3))):
            initial(sheet, rng, rng.uniform(0.55, 0.95) * sheet.width, sheet.height - rng.uniform(20, 60))
    sheet.text(sheet.width / 2, sheet.height - 22, f"{rng.integers(1, 40)}", face, align="center")


def _parties(
    sheet: Sheet,
    rng: np.random.Generator,
    family: str,
    size: float,
    y: float,
    margins: tuple[float, float],
    signed: bool,
) -> None:
    """One to four parties in a grid: a name, room to sign, sometimes a rule, a date, words by hand or a stamp."""
    left, right = margins
    face = sheet.face(family, size)
    columns = int(rng.choice([1, 2], p=[0.35, 0.65]))
    step, height = (right - left) / 2, rng.uniform(70, 130)
    ruled, framed = rng.random() < 0.4, rng.random() < 0.15
    for number in range(int(rng.integers(1, 5))):
        x, top = left + (number % columns) * step, y + (number // columns) * height
        if number and top + height > sheet.height - 30:
            break
        sheet.text(x, top, pick(rng, ("The Lessee", "The Lessor", text.person(rng), text.company(rng)))[:28], face)
        if rng.random() < 0.5:
            sheet.text(x, top + 1.2 * size, text.title(rng), face)
        base = top + height * rng.uniform(0.6, 0.75)
        if framed:
            sheet.frame((x - 6, top - 1.5 * size, x + step - 20, top + height - 2.5 * size))
        if ruled:
            sheet.line(x, base, x + 0.75 * step, base)
        if rng.random() < 0.2:  # "read and approved" and the like, which is not labelled
            words = handwriting.note(rng, text.phrase(rng, 3), rng.uniform(4, 6), sheet.scale)
            sheet.paste(words, x, top + 1.6 * size)
        if rng.random() < 0.15:
            date_by_hand(sheet, rng, x, min(base + 20, sheet.height - 20))
        if rng.random() < 0.3:
            seals.round_stamp(sheet, rng, x + rng.uniform(60, 120), base - 15, rng.uniform(26, 42))
        if signed and rng.random() < 0.92:
            place = x + rng.uniform(0, 0.3 * step)
            sign(sheet, rng, place, base + rng.uniform(-3, 8), 95, height=0.7 * height, room=0.8 * step)
