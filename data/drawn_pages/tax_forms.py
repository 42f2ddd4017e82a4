"""Draws tax forms: fields for name and address, numbered lines with amounts, and a foot to sign."""

import itertools

import numpy as np

from data.drawn_pages import handwriting, text, typefaces
from data.drawn_pages.form_filling import Filling
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.signing import date_by_hand, sign
from data.drawn_pages.text import pick
from data.drawn_pages.typefaces import Typeface


def tax_form(sheet: Sheet, rng: np.random.Generator, filling: Filling, signed: bool) -> None:
    """Lays out a tax form: head, name and address, numbered lines with amounts, and the foot to sign."""
    left, right = rng.uniform(25, 50), sheet.width - rng.uniform(25, 50)
    family = pick(rng, ("DejaVuSans", "cmss10", "STIXGeneral"))
    size = rng.uniform(6, 7.8)
    face, bold = sheet.face(family, size), sheet.face(typefaces.BOLD[family], size)
    y = _tax_head(sheet, rng, left, right, face, sheet.face(typefaces.BOLD[family], size + 4))
    y = _name_and_address(sheet, rng, filling, left, right, y, face, size)
    y = _numbered_lines(sheet, rng, filling, left, right, y, face, bold, size)
    _sign_here(sheet, rng, filling, left, right, y, face, bold, signed)


def _tax_head(
    sheet: Sheet, rng: np.random.Generator, left: float, right: float, face: Typeface, title: Typeface
) -> float:
    """Prints number, title and year of a tax form. Returns the y below, points."""
    y = rng.uniform(30, 55)
    sheet.text(left, y + 14, "Form", face)
    sheet.text(left + 24, y + 14, f"{rng.integers(900, 9999)}", sheet.face("DejaVuSans-Bold", rng.uniform(16, 24)))
    sheet.text((left + right) / 2, y + 6, text.phrase(rng, 5).title(), title, align="center")
    sheet.text(right, y + 14, f"19{rng.integers(75, 99)}", sheet.face("DejaVuSans-Bold", 20), align="right")
    y += 20
    sheet.line(left, y, right, y, 1.4)
    return y


def _name_and_address(
    sheet: Sheet,
    rng: np.random.Generator,
    filling: Filling,
    left: float,
    right: float,
    y: float,
    face: Typeface,
    size: float,
) -> float:
    """Lays out rows of two labelled fields. Returns the y below, points."""
    row = rng.uniform(17, 24)
    for _ in range(int(rng.integers(1, 4))):
        cuts = [left, left + rng.uniform(0.45, 0.8) * (right - left), right]
        for x, stop in itertools.pairwise(cuts):
            sheet.text(x + 2, y + size, text.phrase(rng, 4)[: int((stop - x) / size * 1.6)].capitalize(), face)
            if rng.random() < 0.8:
                said = pick(rng, (text.person(rng), text.street(rng), text.city(rng)))
                filling.write(x + 12, y + row - 2.5, said[: int((stop - x) / 6)], stop - x - 20)
            if stop < right:
                sheet.line(stop, y, stop, y + row)
        y += row
        sheet.line(left, y, right, y)
    return y


def _numbered_lines(
    sheet: Sheet,
    rng: np.random.Generator,
    filling: Filling,
    left: float,
    right: float,
    y: float,
    face: Typeface,
    bold: Typeface,
    size: float,
) -> float:
    """Lays out numbered lines down to the foot, with a column of amounts and sometimes an inner one. Returns the y
    below, points."""
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
            in_inner = inner is not None and rng.random() < 0.35
            start_of_amount, end = (inner, amounts) if inner is not None and in_inner else (amounts, right)
            _numbered_line(sheet, rng, filling, number, left, y, line, start_of_amount, end, face, bold)
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
    return y


def _numbered_line(
    sheet: Sheet,
    rng: np.random.Generator,
    filling: Filling,
    number: int,
    left: float,
    y: float,
    height: float,
    stop: float,
    end: float,
    face: Typeface,
    bold: Typeface,
) -> None:
    """Prints number and text of a line up to `stop`, and a field for an amount from there to `end`."""
    base = y + height - 2.5
    sheet.text(left + 70, base, f"{number}", bold, align="right")
    width = stop - left - 85
    said = face.wrap(text.phrase(rng, int(rng.integers(4, 14))).capitalize(), round(width * sheet.scale))[0]
    box = sheet.text(left + 76, base, said, face)
    if rng.random() < 0.6 and box[2] + 10 < stop - 14:
        dots = " ." * int((stop - 18 - box[2]) / max(2, 2 * sheet.measure(".", face) + 2))
        sheet.text(box[2] + 4, base, dots, face)
    sheet.line(stop, y + height, stop + (end - stop), y + height, 0.5)
    if rng.random() < filling.often:
        filling.write(stop + 22, y + height - 1.5, text.number(rng), end - stop - 24)
    if rng.random() < 0.07:
        for x in rng.uniform(left + 0.4 * width, stop - 20, 2):
            sheet.frame((x, y + 3, x + 7, y + 10), 0.5)
            if rng.random() < 0.4:
                sheet.paste(handwriting.check_mark(rng, 7, sheet.scale), x, y + 1)


def _part(sheet: Sheet, rng: np.random.Generator, face: Typeface, x: float, y: float) -> None:
    """Prints the white-on-black title of a part of a form, which is not a redaction."""
    said = 255 - np.pad(face.render(f"Part {pick(rng, ('I', 'II', 'III', 'IV'))}"), ((0, 0), (4, 4)))
    sheet.paste(said, x, y - said.shape[0] / sheet.scale)


def _sign_here(
    sheet: Sheet,
    rng: np.random.Generator,
    filling: Filling,
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
