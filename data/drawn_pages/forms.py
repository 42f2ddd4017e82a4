"""Draws forms: numbered lines and boxes filled in by typewriter or by hand, tick boxes, tables, and signature lines."""

import itertools

import numpy as np

from data.drawn_pages import handwriting, marks, text, typefaces
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.signing import date_by_hand, sign
from data.drawn_pages.text import pick
from data.drawn_pages.typefaces import Typeface


def form(sheet: Sheet, rng: np.random.Generator, signed: bool = True) -> None:
    """Lays out a tax form, or an office form with labelled boxes."""
    filling = _Filling(sheet, rng)
    if rng.random() < 0.75:
        _tax_form(sheet, rng, filling, signed)
    else:
        _office_form(sheet, rng, filling, signed)
    marks.clutter(sheet, rng, 0.3)


class _Filling:
    """The way a form is filled in: typed, or in one handwriting with one pen.

    Attributes:
      often: share of the fields that are filled in.
    """

    def __init__(self, sheet: Sheet, rng: np.random.Generator):
        self.sheet, self.rng = sheet, rng
        self.typed = rng.random() < 0.45
        self.often = rng.choice([0.1, 0.4, 0.75])
        self.face = sheet.face(pick(rng, ("cmtt10", "DejaVuSansMono", "cmss10")), rng.uniform(8, 10))
        self.x_height = rng.uniform(2.8, 4.6)

    def write(self, x: float, y: float, said: str, width: float) -> None:
        """Fills in words or a number at a baseline, at most `width` points wide."""
        if self.typed:
            self.sheet.text(x, y, said, self.face)
            return
        ink = handwriting.written(
            self.rng,
            said,
            self.sheet.scale,
            width=min(width, len(said) * 1.4 * self.x_height),
            height=3.4 * self.x_height,
            pen=0.8,
        )
        self.sheet.paste(ink, x, y - 0.85 * ink.shape[0] / self.sheet.scale)


def _tax_form(sheet: Sheet, rng: np.random.Generator, filling: _Filling, signed: bool) -> None:
    left, right = rng.uniform(25, 50), sheet.width - rng.uniform(25, 50)
    family = pick(rng, ("DejaVuSans", "cmss10", "STIXGeneral"))
    size = rng.uniform(6, 7.8)
    face, bold = sheet.face(family, size), sheet.face(typefaces.BOLD[family], size)
    y = rng.uniform(30, 55)
    sheet.text(left, y + 14, "Form", face)
    sheet.text(left + 24, y + 14, f"{rng.integers(900, 9999)}", sheet.face("DejaVuSans-Bold", rng.uniform(16, 24)))
    sheet.text(
        (left + right) / 2,
        y + 6,
        text.phrase(rng, 5).title(),
        sheet.face(typefaces.BOLD[family], size + 4),
        align="center",
    )
    sheet.text(right, y + 14, f"19{rng.integers(75, 99)}", sheet.face("DejaVuSans-Bold", 20), align="right")
    y += 20
    sheet.line(left, y, right, y, 1.4)

    row = rng.uniform(17, 24)
    for _ in range(int(rng.integers(1, 4))):  # name and address
        cuts = [left, left + rng.uniform(0.45, 0.8) * (right - left), right]
        for x, stop in itertools.pairwise(cuts):
            sheet.text(x + 2, y + size, text.phrase(rng, 4)[: int((stop - x) / size * 1.6)].capitalize(), face)
            if rng.random() < 0.8:
                filling.write(
                    x + 12,
                    y + row - 2.5,
                    pick(rng, (text.person(rng), text.street(rng), text.city(rng)))[: int((stop - x) / 6)],
                    stop - x - 20,
                )
            sheet.line(stop, y, stop, y + row) if stop < right else None
        y += row
        sheet.line(left, y, right, y)

    bottom = sheet.height - rng.uniform(110, 190)
    amounts = right - rng.uniform(70, 100)
    line, start, number = rng.uniform(10.5, 14.5), y, 1
    inner = amounts - rng.uniform(80, 110) if rng.random() < 0.6 else None
    while y + line < bottom:
        if rng.random() < 0.07:
            if rng.random() < 0.4:
                _part(sheet, rng, bold, left, y + line)
            sheet.text(left + 95, y + line - 2, text.phrase(rng, 3).title(), bold)
        else:
            stop = inner if inner is not None and rng.random() < 0.35 else amounts
            sheet.text(left + 70, y + line - 2.5, f"{number}", bold, align="right")
            width = stop - left - 85
            said = face.wrap(text.phrase(rng, int(rng.integers(4, 14))).capitalize(), round(width * sheet.scale))[0]
            box = sheet.text(left + 76, y + line - 2.5, said, face)
            if rng.random() < 0.6 and box[2] + 10 < stop - 14:
                sheet.text(
                    box[2] + 4,
                    y + line - 2.5,
                    " ." * int((stop - 18 - box[2]) / max(2, 2 * sheet.measure(".", face) + 2)),
                    face,
                )
            sheet.line(stop, y + line, stop + (amounts - stop if stop < amounts else right - stop), y + line, 0.5)
            if rng.random() < filling.often:
                filling.write(
                    stop + 22, y + line - 1.5, text.number(rng), (amounts if stop < amounts else right) - stop - 24
                )
            if rng.random() < 0.07:
                for x in rng.uniform(left + 0.4 * width, stop - 20, 2):
                    sheet.frame((x, y + 3, x + 7, y + 10), 0.5)
                    if rng.random() < 0.4:
                        sheet.paste(handwriting.check_mark(rng, 7, sheet.scale), x, y + 1)
            number += 1
        y += line
        if rng.random() < 0.06:
            sheet.line(left, y, right, y)
            sheet.text(left + 2, y + size + 3, text.phrase(rng, 1).title(), bold)
    for x in (left + 62, amounts, amounts + 18):
        sheet.line(x, start, x, y)
    if inner is not None:
        sheet.line(inner, start + rng.uniform(0, 0.5) * (y - start), inner, y)
    sheet.line(left, y, right, y, 1.2)
    _sign_here(sheet, rng, filling, left, right, y, face, bold, signed)


def _part(sheet: Sheet, rng: np.random.Generator, face: Typeface, x: float, y: float) -> None:
    """Prints the white-on-black title of a part of a form, which is not a redaction."""
    said = 255 - np.pad(face.render(f"Part {pick(rng, ('I', 'II', 'III', 'IV'))}"), ((0, 0), (4, 4)))
    sheet.paste(said, x, y - said.shape[0] / sheet.scale)


def _sign_here(
    sheet: Sheet,
    rng: np.random.Generator,
    filling: _Filling,
    left: float,
    right: float,
    y: float,
    face: Typeface,
    bold: Typeface,
    signed: bool,
) -> None:
    """Lays out the foot of a tax form: an oath, lines for one or two signatures, dates and occupations."""
    size = face.size / sheet.scale
    label = sheet.face(typefaces.BOLD["DejaVuSans"], size + 2.5)
    sheet.text(left + 2, y + 16, "Sign", label)
    sheet.text(left + 2, y + 28, "Here", label)
    oath = (
        "Under penalties of perjury, I declare that I have examined this return and, to the best of my knowledge and"
        " belief, it is true, correct, and complete."
    )
    x = left + 55
    y = sheet.paragraph(x, y + 9, right - x, oath, face, 1.2 * size)
    people = 2 if rng.random() < 0.5 else 1
    step = rng.uniform(20, 30)
    middle = left + rng.uniform(0.48, 0.62) * (right - left)
    for i in range(people):
        rule = y + (i + 1) * step - 4
        if rule > sheet.height - 12:
            break
        sheet.line(x, rule, right, rule, 0.6)
        name = pick(
            rng, ("Your signature", "Signature of officer", "Spouse's signature (if filing jointly, BOTH must sign)")
        )
        sheet.text(x, rule - step + size + 3, name, face) if rng.random() < 0.5 else sheet.text(
            x, rule + size, name, face
        )
        sheet.line(middle, rule - step + 5, middle, rule)
        sheet.text(middle + 3, rule - step + size + 3, "Date", face)
        sheet.line(middle + 80, rule - step + 5, middle + 80, rule)
        sheet.text(middle + 83, rule - step + size + 3, "Your occupation", face)
        if signed:
            sign(
                sheet,
                rng,
                x + rng.uniform(5, 35),
                rule + rng.uniform(-1, 3),
                215.0,
                height=21 * rng.lognormal(0, 0.18),
                room=middle - x + 15,
            )
        if rng.random() < 0.12 and signed:
            date_by_hand(sheet, rng, middle + 5, rule, 62)
        if rng.random() < 0.5:
            filling.write(middle + 90, rule - 2, text.title(rng)[:14], right - middle - 95)
    y += people * step + 4
    if y < sheet.height - 45 and rng.random() < 0.6:
        sheet.text(left, y + 14, "Paid Preparer's", bold)
        for i in range(2):
            sheet.line(x, y + 15 * (i + 1), right, y + 15 * (i + 1), 0.5)
            sheet.text(x, y + 15 * i + size + 2, text.phrase(rng, 3).capitalize(), face)


def _office_form(sheet: Sheet, rng: np.random.Generator, filling: _Filling, signed: bool) -> None:
    """Lays out labelled boxes in rows with different columns, and one to four signature lines at the foot."""
    left, right = rng.uniform(35, 65), sheet.width - rng.uniform(35, 65)
    family = pick(rng, ("DejaVuSans", "cmss10", "STIXGeneral"))
    small = sheet.face(family, rng.uniform(6, 8))
    y = rng.uniform(45, 80)
    sheet.text(
        sheet.width / 2,
        y,
        text.phrase(rng, 4).upper(),
        sheet.face(typefaces.BOLD[family], rng.uniform(10, 15)),
        align="center",
    )
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
            if stop - x < 35:
                continue
            if framed:
                sheet.frame((x, y, stop, y + row), 0.6)
            else:
                sheet.line(x + 40, y + row - 3, stop - 6, y + row - 3, 0.6)
            sheet.text(
                x + 3, y + 9 if framed else y + row - 4, text.phrase(rng, 3).capitalize()[: int((stop - x) / 5)], small
            )
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
        y += row
    places = int(rng.choice([1, 2, 3, 4], p=[0.4, 0.35, 0.15, 0.1]))
    y += rng.uniform(30, 45)
    for _ in range(places):
        if y > sheet.height - 25:
            break
        length = rng.uniform(170, 250)
        x = left if places > 1 or rng.random() < 0.5 else right - length
        sheet.line(x, y, x + length, y)
        name = sheet.text(
            x + pick(rng, (0, 60)),
            y + 9,
            pick(rng, ("Signature", "Authorized Signature", "Signature of Applicant", "Approved by", text.person(rng))),
            small,
        )
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
