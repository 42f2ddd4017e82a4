"""Draws certificates: an ornamental border, a title in large type, a name, a seal, and signatures over their titles."""

import numpy as np

from data.drawn_pages import handwriting, marks, seals, text, typefaces
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.signing import date_by_hand, sign
from data.drawn_pages.text import pick

_TITLES = (
    *("Certificate of Membership", "Certificate of Accreditation", "Certificate of Merit", "Certificate"),
    *("Diploma", "Certificate of Completion", "Certificate of Achievement", "Membership Certificate"),
    *("Certificate of Appreciation", "Certificate of Registration", "Licence", "Clearance Certificate"),
)
_PHRASES = (
    *("This is to certify that", "Be it known that", "This certifies that", "Awarded to", "is hereby granted to"),
    *("has been admitted as a member of", "has completed the course of", "to whom these presents shall come"),
)


def certificate(sheet: Sheet, rng: np.random.Generator, signed: bool = True) -> None:
    """Lays out a certificate over the whole sheet."""
    width, height = sheet.width, sheet.height
    if rng.random() < 0.75:
        _border(sheet, rng)
    middle, y = width / 2, height * rng.uniform(0.12, 0.2)
    if rng.random() < 0.7:
        marks.logo(sheet, rng, pick(rng, (middle, 0.15 * width, 0.85 * width)), 0.13 * height, rng.uniform(18, 40))
        y += 0.06 * height
    serif = pick(rng, typefaces.SERIFS)
    lean = rng.uniform(0.2, 0.5) if rng.random() < 0.3 else 0.0
    for line, size in ((text.company(rng).upper(), rng.uniform(13, 24)), (pick(rng, _TITLES), rng.uniform(18, 40))):
        face = sheet.face(typefaces.BOLD[serif] if rng.random() < 0.5 else serif, size)
        while sheet.measure(line, face) > 0.8 * width:
            size *= 0.85
            face = sheet.face(serif, size)
        sheet.text(middle, y, line, face, align="center", lean=lean)
        y += rng.uniform(1.4, 2.2) * size
    y = _wording(sheet, rng, serif, y, height * rng.uniform(0.55, 0.68))
    _foot(sheet, rng, serif, max(y + 50, height * rng.uniform(0.76, 0.88)), signed)


def _border(sheet: Sheet, rng: np.random.Generator) -> None:
    """Frames the sheet with rules, or with a band of ornaments."""
    inset = rng.uniform(10, 30)
    kind = rng.random()
    for _ in range(int(rng.integers(1, 4))):
        sheet.frame((inset, inset, sheet.width - inset, sheet.height - inset), rng.uniform(0.7, 4))
        inset += rng.uniform(3, 8)
    if kind < 0.6:
        step, radius = rng.uniform(6, 14), rng.uniform(2, 5)
        for x in np.arange(inset, sheet.width - inset, step):
            for y in (inset, sheet.height - inset):
                sheet.disc(x, y, radius)
        for y in np.arange(inset, sheet.height - inset, step):
            for x in (inset, sheet.width - inset):
                sheet.disc(x, y, radius)
    if rng.random() < 0.4:
        for x in (inset, sheet.width - inset):
            for y in (inset, sheet.height - inset):
                marks.logo(sheet, rng, x, y, rng.uniform(12, 30))


def _wording(sheet: Sheet, rng: np.random.Generator, serif: str, y: float, bottom: float) -> float:
    """Prints centred lines, some filled in by hand, to a height. Returns the next baseline, points."""
    while y < bottom:
        size = rng.uniform(11, 19)
        kind = rng.random()
        if kind < 0.25:  # a name, in large type or by hand on a rule
            name = text.person(rng)
            if rng.random() < 0.5:
                ink = handwriting.written(rng, name, sheet.scale, width=0.4 * sheet.width, height=30)
                sheet.paste(ink, (sheet.width - ink.shape[1] / sheet.scale) / 2, y - 0.8 * ink.shape[0] / sheet.scale)
                sheet.line(0.25 * sheet.width, y + 2, 0.75 * sheet.width, y + 2)
            else:
                sheet.text(sheet.width / 2, y, name, sheet.face(typefaces.BOLD[serif], 1.5 * size), align="center")
            size *= 1.8
        else:
            line = pick(rng, _PHRASES) if kind < 0.6 else text.phrase(rng, int(rng.integers(4, 9)))
            face = sheet.face(serif, size)
            if sheet.measure(line, face) < 0.8 * sheet.width:
                sheet.text(sheet.width / 2, y, line, face, align="center", lean=0.3 * (rng.random() < 0.2))
        y += rng.uniform(1.5, 2.2) * size
    return y


def _foot(sheet: Sheet, rng: np.random.Generator, serif: str, y: float, signed: bool) -> None:
    """Signatures over their titles side by side, with a seal and a date in the places between them."""
    y = min(y, sheet.height - 60)
    people = int(rng.choice([1, 2, 3], p=[0.35, 0.5, 0.15]))
    places = {1: ((0.5,), (0.78,), (0.25,)), 2: ((0.25, 0.75),), 3: ((0.2, 0.5, 0.8),)}[people]
    small = sheet.face(serif, rng.uniform(7.5, 11))
    for share in pick(rng, places):
        x = share * sheet.width
        ruled = rng.random() < 0.6
        if ruled:
            sheet.line(x - 70, y, x + 70, y)
        name = sheet.text(x, y + 12, text.person(rng), small, align="center")
        sheet.text(x, y + 23, text.title(rng), small, align="center")
        if signed:
            near = () if ruled else (name,)
            sign(sheet, rng, x - 60, y + rng.uniform(-6, 5), 115, height=60, room=0.3 * sheet.width, near=near)
    radius = rng.uniform(30, 55)
    if rng.random() < 0.75:
        seal = pick(rng, (seals.foil_seal, seals.round_stamp))
        seal(sheet, rng, rng.uniform(0.12, 0.88) * sheet.width, y - rng.uniform(-10, 70), radius)
    if rng.random() < 0.3:
        x = rng.uniform(0.1, 0.6) * sheet.width
        sheet.text(x - 5, y - 75, "Date:", small, align="right")
        date_by_hand(sheet, rng, x, y - 75)
