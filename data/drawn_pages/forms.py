"""Draws forms: tax forms, and office forms with labelled boxes, filled in by typewriter or by hand."""

import itertools

import numpy as np

from data.drawn_pages import handwriting, marks, text, typefaces
from data.drawn_pages.form_filling import Filling
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.signing import date_by_hand, sign
from data.drawn_pages.tax_forms import tax_form
from data.drawn_pages.text import pick
from data.drawn_pages.typefaces import Typeface


def form(sheet: Sheet, rng: np.random.Generator, signed: bool = True) -> None:
    """Lays out a tax form, or an office form with labelled boxes."""
    filling = Filling(sheet, rng)
    if rng.random() < 0.75:
        tax_form(sheet, rng, filling, signed)
    else:
        _office_form(sheet, rng, filling, signed)
    marks.clutter(sheet, rng, 0.3)


def _office_form(sheet: Sheet, rng: np.random.Generator, filling: Filling, signed: bool) -> None:
    """Lays out labelled boxes in rows with different columns, and one to four signature lines at the foot."""
    left, right = rng.uniform(35, 65), sheet.width - rng.uniform(35, 65)
    family = pick(rng, ("DejaVuSans", "cmss10", "STIXGeneral"))
    small = sheet.face(family, rng.uniform(6, 8))
    y = rng.uniform(45, 80)
    title = text.phrase(rng, 4).upper()
    sheet.text(sheet.width / 2, y, title, sheet.face(typefaces.BOLD[family], rng.uniform(10, 15)), align="center")
    if rng.random() < 0.4:
        marks.logo(sheet, rng, left + 20, y - 5, 18)
    y += rng.uniform(14, 40)
    bottom = sheet.height * rng.uniform(0.5, 0.8)
    framed = rng.random() < 0.75
    while y < bottom:
        row = rng.uniform(22, 40)
        if rng.random() < 0.12:
            y = sheet.paragraph(left + 4, y + 12, right - left - 8, text.prose(rng, 2), small, 10) + 2
            continue
        cuts = left + np.array([0, *np.sort(rng.uniform(0.15, 0.85, int(rng.integers(0, 4)))), 1]) * (right - left)
        for x, stop in itertools.pairwise(cuts):
            if stop - x >= 35:
                _field(sheet, rng, filling, x, stop, y, row, framed, small)
        y += row
    _signature_lines(sheet, rng, left, right, y, small, signed)


def _field(
    sheet: Sheet,
    rng: np.random.Generator,
    filling: Filling,
    x: float,
    stop: float,
    y: float,
    row: float,
    framed: bool,
    small: Typeface,
) -> None:
    """Lays out a labelled field from `x` to `stop`, sometimes with tick boxes, sometimes filled in."""
    if framed:
        sheet.frame((x, y, stop, y + row), 0.6)
    else:
        sheet.line(x + 40, y + row - 3, stop - 6, y + row - 3, 0.6)
    label = text.phrase(rng, 3).capitalize()[: int((stop - x) / 5)]
    sheet.text(x + 3, y + 9 if framed else y + row - 4, label, small)
    kind = rng.random()
    if kind < 0.15:
        for i in range(int((stop - x) // 60)):
            at = x + 8 + 60 * i
            sheet.frame((at, y + row - 11, at + 7, y + row - 4), 0.5)
            if rng.random() < 0.4:
                sheet.paste(handwriting.check_mark(rng, 8, sheet.scale), at, y + row - 14)
    elif kind < 0.25 + 0.6 * filling.often:
        said = pick(rng, (text.person(rng), text.number(rng), text.street(rng), text.phrase(rng, 2)))
        filling.write(x + 10, y + row - 5, said[: max(2, int((stop - x - 15) / 6.5))], stop - x - 14)


def _signature_lines(
    sheet: Sheet, rng: np.random.Generator, left: float, right: float, y: float, small: Typeface, signed: bool
) -> None:
    """Lays out one to four signature lines below `y`, some of them with a date."""
    places = int(rng.choice([1, 2, 3, 4], p=[0.4, 0.35, 0.15, 0.1]))
    y += rng.uniform(30, 45)
    for _ in range(places):
        if y > sheet.height - 25:
            break
        length = rng.uniform(170, 250)
        x = left if places > 1 or rng.random() < 0.5 else right - length
        sheet.line(x, y, x + length, y)
        shift = pick(rng, (0, 60))
        titles = ("Signature", "Authorized Signature", "Signature of Applicant", "Approved by", text.person(rng))
        name = sheet.text(x + shift, y + 9, pick(rng, titles), small)
        dated = x == left and rng.random() < 0.45
        if dated:
            sheet.line(x + length + 30, y, x + length + 130, y)
            sheet.text(x + length + 60, y + 9, "Date", small)
        if signed:
            sign(
                sheet,
                rng,
                x + rng.uniform(5, 30),
                y + rng.uniform(-1, 5),
                190.0,
                height=36 * rng.lognormal(0, 0.4),
                room=length + 10,
                near=(name,),
                reach=-4,
            )
            if dated and rng.random() < 0.75:
                date_by_hand(sheet, rng, x + length + 40, y)
        y += rng.uniform(38, 60)
