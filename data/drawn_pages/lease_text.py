"""Draws text pages of leases: dense paragraphs, tables of rents, redactions, and the parties' initials at the foot."""

import numpy as np

from data.drawn_pages import text
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.signing import initial
from data.drawn_pages.text import pick
from data.drawn_pages.typefaces import Typeface


def lease_text(
    sheet: Sheet, rng: np.random.Generator, face: Typeface, bold: Typeface, leading: float, signed: bool
) -> None:
    """Lays out a page of articles."""
    left, right = rng.uniform(45, 80), sheet.width - rng.uniform(45, 80)
    y, bottom = rng.uniform(45, 80), sheet.height - rng.uniform(95, 150)
    secret = signed and rng.random() < 0.45
    often = rng.choice([0.02, 0.1, 0.3])
    if rng.random() < 0.2:
        bottom *= rng.uniform(0.4, 0.9)
    if rng.random() < 0.3:
        sheet.text(sheet.width / 2, y, text.phrase(rng, 4).upper(), bold, align="center")
        y += 2 * leading
    article = int(rng.integers(1, 30))
    justify, indent = rng.random() < 0.5, pick(rng, (0, 0, 20, 36))
    style = redaction_style(rng)
    while y < bottom:
        kind = rng.random()
        if kind < 0.2:
            heading = f"{article}.{rng.integers(1, 12):02}  {text.phrase(rng, int(rng.integers(2, 6))).upper()}"
            box = sheet.text(left, y, heading, bold)
            if rng.random() < 0.3:
                sheet.line(box[0], y + 2, box[2], y + 2)
            y += 1.3 * leading
        elif kind < 0.28:
            y = rates(sheet, rng, face, left, y, right, bottom, leading, secret, style)
        start = y
        words = text.prose(rng, int(rng.integers(1, 6)))
        y = sheet.paragraph(left, y, right - left, words, face, leading, indent=indent, justify=justify, bottom=bottom)
        if secret:
            for line in np.arange(start, y - 1, leading):
                if rng.random() < often:
                    redact_words(sheet, rng, left, right, line, leading, style)
        y += leading * rng.uniform(0.3, 1)
    initialled_foot(sheet, rng, signed and (not secret or rng.random() < 0.7))


def redaction_style(rng: np.random.Generator) -> str:
    """Chooses the style of a page's redactions, see `Sheet.redact`."""
    return str(rng.choice(["black", "white", "grey"], p=[0.88, 0.07, 0.05]))


def redact_words(
    sheet: Sheet, rng: np.random.Generator, left: float, right: float, y: float, leading: float, style: str
) -> None:
    """Redacts some words of a line, sometimes also of the lines below."""
    width = min(48 * rng.lognormal(0, 0.75), 0.58 * sheet.width, right - left)
    width = max(width, 17)
    if rng.random() < 0.03:  # most of the line
        width = min(right - left, 0.58 * sheet.width)
    x = left + rng.random() * (right - left - width)
    rows = 1 if rng.random() < 0.9 else int(rng.integers(2, 4))
    extra = rng.uniform(0, 0.15, 2) * leading
    sheet.redact(
        (x, y - 0.95 * leading - extra[0], x + width, y + 0.33 * leading + extra[1] + (rows - 1) * leading), style
    )


def rates(
    sheet: Sheet,
    rng: np.random.Generator,
    face: Typeface,
    left: float,
    y: float,
    right: float,
    bottom: float,
    leading: float,
    secret: bool,
    style: str,
) -> float:
    """Lays out a ruled table of rents, with redacted amounts if `secret`. Returns the y below it, points."""
    columns = np.linspace(left, right, int(rng.integers(3, 7)))
    row, count = leading * rng.uniform(1.2, 1.6), int(rng.integers(3, 9))
    count = int(min(count, max(1, (bottom - y) // row)))
    covered = int(rng.integers(1, len(columns))) if secret and rng.random() < 0.6 else 0
    ruled = rng.random() < 0.75
    for i in range(count):
        for j, x in enumerate(columns[:-1]):
            said = text.phrase(rng, 1).capitalize() if not (i and j) else "$" + text.number(rng)
            cell = sheet.text(x + 5, y + i * row, said, face)
            if i and j == covered and covered:
                sheet.redact(
                    (cell[0] - 2, y + i * row - 0.9 * leading, max(cell[2], cell[0] + 22) + 2, y + i * row + 2), style
                )
    if ruled:
        for i in range(count + 1):
            sheet.line(left, y + (i - 0.75) * row, right, y + (i - 0.75) * row)
        for x in columns:
            sheet.line(x, y - 0.75 * row, x, y + (count - 0.75) * row)
    return y + (count + 0.5) * row


def initialled_foot(sheet: Sheet, rng: np.random.Generator, signed: bool) -> None:
    """Lays out the foot of a page: its number, and the parties' initials on or beside short rules."""
    y = sheet.height - rng.uniform(38, 80)
    small = sheet.face(pick(rng, ("STIXGeneral", "DejaVuSans", "cmr10")), rng.uniform(6.5, 9.5))
    kind = rng.random()
    if kind < 0.5:  # both parties side by side, mostly at the right
        x, step = rng.uniform(0.6, 0.74) * sheet.width, rng.uniform(65, 110)
        if rng.random() < 0.12:
            x = rng.uniform(0.12, 0.3) * sheet.width
        places = [x, x + step]
        sheet.text(x - 35, y, "INITIALS:" if rng.random() < 0.7 else "Initials", small, align="right")
        labels = ("LESSOR", "GOVERNMENT") if rng.random() < 0.7 else ("LESSOR", "GOV'T")
        if rng.random() < 0.7:
            sheet.text(x + step / 2, y, "&", small, align="center")
        for place, label in zip(places, labels, strict=True):
            sheet.line(place - 0.3 * step, y + 1, place + 0.32 * step, y + 1)
            sheet.text(place, y + 10, label, small, align="center")
    elif kind < 0.75:  # each party in its corner
        places = [rng.uniform(0.1, 0.25) * sheet.width, rng.uniform(0.75, 0.9) * sheet.width]
        for place, label in zip(places, ("Lessor", "Gov't"), strict=True):
            sheet.text(place - 25, y, f"{label}:", small, align="right")
            sheet.line(place - 22, y + 1, place + 25, y + 1)
    else:  # at random places
        places = list(rng.uniform(0.1, 0.9, int(rng.integers(1, 3))) * sheet.width)
    if rng.random() < 0.6:
        sheet.text(
            sheet.width / 2,
            y + rng.uniform(12, 24),
            pick(rng, (f"{rng.integers(1, 60)}", f"Page {rng.integers(1, 40)} of {rng.integers(40, 60)}")),
            small,
            align="center",
        )
    if not signed:
        return
    for place in places:
        if rng.random() < 0.92:
            initial(sheet, rng, place + rng.normal(0, 4), y + rng.uniform(-2, 8))
