"""Draws the head of a letter: letterhead and address, memo, or second page; and chooses how the letter is typed."""

import dataclasses

import numpy as np

from data.drawn_pages import marks, text, typefaces
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.text import pick
from data.drawn_pages.typefaces import Typeface


@dataclasses.dataclass(frozen=True)
class LetterStyle:
    """The typography of a letter; lengths are in points.

    Args:
      face, bold: its typefaces.
      leading: distance of baselines.
      left, right: x of the left and the right margin.
      justify: whether lines end flush.
      indent: of the first lines of paragraphs.
    """

    face: Typeface
    bold: Typeface
    leading: float
    left: float
    right: float
    justify: bool
    indent: float


def letter_style(sheet: Sheet, rng: np.random.Generator) -> LetterStyle:
    """Chooses typefaces, margins and paragraphs that match."""
    kind = rng.random()
    family = pick(rng, typefaces.TYPEWRITERS if kind < 0.65 else typefaces.SERIFS if kind < 0.9 else typefaces.SANS)
    size = rng.uniform(9.5, 12.5) * (0.88 if "DejaVu" in family else 1)
    return LetterStyle(
        face=sheet.face(family, size),
        bold=sheet.face(typefaces.BOLD[family], size),
        leading=size * pick(rng, (1.15, 1.2, 1.25, 1.3, 1.8 if rng.random() < 0.2 else 1.2)),
        left=rng.uniform(50, 115),
        right=sheet.width - rng.uniform(45, 105),
        justify=rng.random() < (0.1 if kind < 0.65 else 0.4),
        indent=0.0 if rng.random() < 0.5 else rng.uniform(20, 50),
    )


def letterhead(sheet: Sheet, rng: np.random.Generator, style: LetterStyle) -> float:
    """Lays out letterhead, date and address. Returns the first baseline of the text, points."""
    y = rng.uniform(70, 120)
    if rng.random() < 0.8:
        y = max(y, marks.letterhead(sheet, rng) + rng.uniform(15, 50))
    x = pick(rng, (style.left, 0.5 * sheet.width, 0.58 * sheet.width))
    sheet.text(x, y, text.date(rng), style.face)
    y += style.leading * rng.uniform(2, 4)
    lines = [text.person(rng), text.title(rng), text.company(rng), text.street(rng), text.city(rng)]
    for line in lines[: int(rng.integers(3, 6))]:
        sheet.text(style.left, y, line, style.face)
        y += style.leading
    y += style.leading
    if rng.random() < 0.3:
        subject = ("Re:  " if rng.random() < 0.6 else "SUBJECT: ") + text.phrase(rng, int(rng.integers(3, 7))).title()
        box = sheet.text(
            style.left + pick(rng, (0, 40, 80)), y, subject, style.bold if rng.random() < 0.4 else style.face
        )
        if rng.random() < 0.5:
            sheet.line(box[0], y + 2, box[2], y + 2)
        y += 2 * style.leading
    first = text.person(rng).split()[0]
    sheet.text(
        style.left, y, f"Dear {pick(rng, ('Mr. ' + text.surname(rng), 'Dr. ' + text.surname(rng), first))}:", style.face
    )
    return y + 2 * style.leading


def memo_head(sheet: Sheet, rng: np.random.Generator, style: LetterStyle) -> float:
    """Lays out the head of a memo. Returns the first baseline of the text, points."""
    y = rng.uniform(40, 90)
    if rng.random() < 0.6:
        marks.logo(sheet, rng, rng.uniform(60, 110) if rng.random() < 0.6 else sheet.width - 90, y, rng.uniform(14, 30))
    name = pick(
        rng, ("MEMORANDUM", "Memorandum", "INTEROFFICE MEMO", "Inter-Office Memorandum", "M E M O", "FILE NOTE")
    )
    sheet.text(
        pick(rng, (style.left, 0.4 * sheet.width, 0.6 * sheet.width)),
        y,
        name,
        sheet.face(pick(rng, ("DejaVuSans-Bold", "STIXGeneralBol", "cmr10")), rng.uniform(12, 20)),
    )
    if rng.random() < 0.4:
        sheet.line(style.left, y + 8, style.right, y + 8, rng.uniform(0.7, 3))
    y += style.leading * rng.uniform(2, 4)
    fields = [
        ("TO", text.person(rng)),
        ("FROM", text.person(rng)),
        ("DATE", text.date(rng)),
        ("SUBJECT", text.phrase(rng, int(rng.integers(3, 7))).capitalize()),
    ]
    if rng.random() < 0.3:
        fields.insert(1, ("CC", text.person(rng)))
    gap = style.leading * pick(rng, (1, 1.5, 2))
    for label, entry in fields:
        label = label if rng.random() < 0.8 else label.capitalize()
        sheet.text(style.left, y, label + ":", style.face)
        box = sheet.text(
            style.left + 70, y, entry, style.bold if label == "SUBJECT" and rng.random() < 0.3 else style.face
        )
        if label == "SUBJECT" and rng.random() < 0.3:
            sheet.line(box[0], y + 2, box[2], y + 2)
        y += gap
    if rng.random() < 0.3:
        sheet.line(style.left, y - gap / 2, style.right, y - gap / 2, rng.uniform(0.5, 2))
    return y + style.leading


def second_page_head(sheet: Sheet, rng: np.random.Generator, style: LetterStyle) -> float:
    """Lays out the head of a later page: number, or name and date. Returns the first baseline of the text, points."""
    y = rng.uniform(40, 80)
    if rng.random() < 0.4:
        sheet.text(sheet.width / 2, y, f"- {rng.integers(2, 9)} -", style.face, align="center")
    elif rng.random() < 0.8:
        for line in (text.person(rng), text.date(rng), f"Page {rng.integers(2, 6)}"):
            sheet.text(style.left, y, line, style.face)
            y += style.leading
    return y + rng.uniform(20, 40)
