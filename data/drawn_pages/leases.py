"""Draws leases: pages of text, pages that parties sign and date, and the ruled first pages of amendments."""

import numpy as np

from data.drawn_pages import handwriting, marks, text, typefaces
from data.drawn_pages.lease_text import initialled_foot, lease_text, rates, redact_words, redaction_style
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.signing import date_by_hand, initial, sign
from data.drawn_pages.text import pick
from data.drawn_pages.typefaces import Typeface


def lease(sheet: Sheet, rng: np.random.Generator, signed: bool = True) -> None:
    """Lays out a page of a lease: of text, of signatures, or the first page of an amendment."""
    family = pick(rng, ("STIXGeneral", "STIXGeneral", "DejaVuSans", "cmss10", "cmr10", "cmtt10", "DejaVuSerif"))
    size = rng.uniform(8, 11.5) * (0.85 if "DejaVu" in family else 1)
    face, bold = sheet.face(family, size), sheet.face(typefaces.BOLD[family], size)
    leading = size * rng.uniform(1.1, 1.35)
    kind = rng.random()
    if kind < 0.46:
        lease_text(sheet, rng, face, bold, leading, signed)
    elif kind < 0.82:
        _amendment(sheet, rng, face, bold, leading, signed)
    else:
        _signature_page(sheet, rng, face, bold, leading, signed)
    marks.clutter(sheet, rng, 0.4)


def _signature_page(
    sheet: Sheet, rng: np.random.Generator, face: Typeface, bold: Typeface, leading: float, signed: bool
) -> None:
    left, right = rng.uniform(50, 80), sheet.width - rng.uniform(50, 80)
    y = rng.uniform(50, 90)
    for _ in range(int(rng.integers(1, 5))):
        words = text.prose(rng, int(rng.integers(1, 6)))
        y = (
            sheet.paragraph(left, y, right - left, words, face, leading, justify=True, bottom=0.45 * sheet.height)
            + leading
        )
    words = "IN WITNESS WHEREOF, the parties hereto have subscribed their names as of the date first above written."
    y = sheet.paragraph(left, y, right - left, words, face, leading) + leading
    columns = 2 if rng.random() < 0.4 else 1
    wide = (right - left) / columns
    blocks = int(rng.integers(2, 7)) if rng.random() < 0.4 else 2
    step = max(65.0, min(rng.uniform(75, 125), (sheet.height - 60 - y) / np.ceil(blocks / columns)))
    for i in range(blocks):
        top = y + (i // columns) * step
        if top + 60 > sheet.height:
            break
        _party(sheet, rng, face, bold, leading, left + (i % columns) * wide, top, wide - 20, signed)
    if rng.random() < 0.3:
        initialled_foot(sheet, rng, signed and rng.random() < 0.5)


def _party(
    sheet: Sheet,
    rng: np.random.Generator,
    face: Typeface,
    bold: Typeface,
    leading: float,
    x: float,
    y: float,
    width: float,
    signed: bool,
) -> None:
    """Lays out the block of a party: its name, a signature line with labels under it, and a date."""
    role = pick(rng, ("LESSOR", "TENANT", "LANDLORD", "UNITED STATES OF AMERICA", "BUYER", "CONTRACTOR", "WITNESS"))
    sheet.text(x, y, role + (": " if rng.random() < 0.5 else ", ") + text.company(rng)[:24], bold)
    rule = y + rng.uniform(28, 40)
    length = min(rng.uniform(160, 260), width - 10 if width < 300 else width - 130)
    sheet.text(x, rule, pick(rng, ("By:", "BY", "Signature:", "")), face)
    start = x + 22
    sheet.line(start, rule + 2, x + length, rule + 2)
    labels = sheet.text(
        start + 0.2 * length, rule + leading, pick(rng, ("(Signature)", text.person(rng), "Authorized Signature")), face
    )
    if rng.random() < 0.5:
        sheet.text(x, rule + 2 * leading, "Title: " + text.title(rng), face)
    if width > 300:  # labels beside the signature
        at = x + length + 15
        if rng.random() < 0.4:  # under the signature
            sheet.text(x, rule + 3 * leading, "Date:", face)
            if signed and rng.random() < 0.75:
                date_by_hand(sheet, rng, x + 30, rule + 3 * leading)
        elif rng.random() < 0.6:
            sheet.text(at, rule, "Date:", face)
            sheet.line(at + 26, rule + 2, at + 110, rule + 2)
            if signed and rng.random() < 0.75:
                date_by_hand(sheet, rng, at + 28, rule)
        else:
            sheet.text(at, rule, text.title(rng), face)
    elif rng.random() < 0.45:
        sheet.text(x, rule + 3 * leading, "Date:", face)
        if signed and rng.random() < 0.7:
            date_by_hand(sheet, rng, x + 30, rule + 3 * leading)
    if not signed:
        return
    if rng.random() < 0.12:
        sheet.redact(
            (start, rule - rng.uniform(14, 26), start + length * rng.uniform(0.5, 0.9), rule + 1), redaction_style(rng)
        )
    else:
        height = 36 * rng.lognormal(0, 0.45)
        sign(
            sheet,
            rng,
            start + 8,
            rule + rng.uniform(0, 6),
            200.0,
            height=height,
            room=length + 20,
            near=(labels,),
            reach=-5,
        )
    if rng.random() < 0.15:
        sheet.redact((labels[0] - 3, labels[1] - 2, labels[2] + 3, labels[3] + 3), redaction_style(rng))


def _amendment(
    sheet: Sheet, rng: np.random.Generator, face: Typeface, bold: Typeface, leading: float, signed: bool
) -> None:
    """Lays out the first page of an amendment: a ruled head with number and date, terms, and boxes to sign."""
    left, right = rng.uniform(35, 65), sheet.width - rng.uniform(35, 65)
    small, y = _amendment_head(sheet, rng, face, bold, left, right, signed)
    y += 2 * leading
    foot = sheet.height - rng.uniform(190, 260)
    style = redaction_style(rng)
    secret = signed and rng.random() < 0.4
    _terms(sheet, rng, face, leading, left, right, y, foot, secret, style)
    _amendment_foot(sheet, rng, face, small, left, right, foot, signed, style)
    if rng.random() < 0.5 and signed:
        initial(sheet, rng, rng.uniform(0.65, 0.9) * sheet.width, sheet.height - rng.uniform(20, 45))
    sheet.text(left, sheet.height - 20, f"GSA FORM {rng.integers(100, 400)}", small)


def _amendment_head(
    sheet: Sheet, rng: np.random.Generator, face: Typeface, bold: Typeface, left: float, right: float, signed: bool
) -> tuple[Typeface, float]:
    """Lays out the ruled head of an amendment. Returns (the typeface of labels, the y below in points)."""
    top, row = rng.uniform(40, 75), rng.uniform(28, 42)
    cuts = (left + 0.55 * (right - left), left + 0.78 * (right - left))
    sheet.frame((left, top, right, top + 3 * row))
    for i in (1, 2):
        sheet.line(left, top + i * row, right, top + i * row)
    small = sheet.face("DejaVuSans", rng.uniform(5.5, 7.5))
    sheet.text((left + cuts[0]) / 2, top + 0.4 * row, text.phrase(rng, 3).upper(), bold, align="center")
    sheet.text((left + cuts[0]) / 2, top + 0.8 * row, text.phrase(rng, 4).upper(), small, align="center")
    for x, label in zip(cuts, ("SUPPLEMENTAL AGREEMENT", "DATE"), strict=True):
        sheet.line(x, top, x, top + row)
        sheet.text(x + 3, top + 8, label, small)
    sheet.text(cuts[0] + 8, top + 0.75 * row, f"NO. {rng.integers(1, 20)}", face)
    if signed and rng.random() < 0.5:
        date_by_hand(sheet, rng, cuts[1] + 6, top + 0.9 * row, 72)
    elif rng.random() < 0.4:
        sheet.text(cuts[1] + 6, top + 0.75 * row, text.date(rng), face)
    number = f"GS-{rng.integers(1, 12):02}B-{rng.integers(10000, 99999)}"
    sheet.text(left + 3, top + row + 9, f"TO LEASE NO.  {number}", small)
    sheet.text(left + 3, top + 2 * row + 9, "ADDRESS OF PREMISES", small)
    sheet.text(left + 30, top + 2 * row + 22, text.street(rng) + ", " + text.city(rng), face)
    return small, top + 3 * row


def _terms(
    sheet: Sheet,
    rng: np.random.Generator,
    face: Typeface,
    leading: float,
    left: float,
    right: float,
    y: float,
    foot: float,
    secret: bool,
    style: str,
) -> None:
    """Lays out the paragraphs and tables of an amendment down to its foot, with redactions if `secret`."""
    if secret:
        for _ in range(int(rng.integers(1, 4))):
            at = y + leading * (rng.random() < 0.5)
            sheet.text(left + 5, at, "THIS AGREEMENT made by and between", face)
            redact_words(sheet, rng, left + 150, right, at, leading, style)
            y = at + leading
    while y < foot - 2 * leading:
        if rng.random() < 0.15:
            y = rates(sheet, rng, face, left + 30, y, right - 30, foot, leading, secret, style)
        start = y
        words = text.prose(rng, int(rng.integers(1, 4)))
        y = sheet.paragraph(left + 5, y, right - left - 10, words, face, leading, bottom=foot - leading)
        if secret and y - start > 1 and rng.random() < 0.4:
            line = int(rng.integers(max(1, round((y - start) / leading))))
            redact_words(sheet, rng, left, right, start + leading * line, leading, style)
        y += leading * rng.uniform(0.5, 1.2)


def _amendment_foot(
    sheet: Sheet,
    rng: np.random.Generator,
    face: Typeface,
    small: Typeface,
    left: float,
    right: float,
    foot: float,
    signed: bool,
    style: str,
) -> None:
    """Lays out the three boxes that the parties and a witness sign."""
    step = (sheet.height - rng.uniform(35, 60) - foot) / 3
    middle = left + rng.uniform(0.5, 0.6) * (right - left)
    sheet.frame((left, foot, right, foot + 3 * step))
    heads = ("LESSOR:", "IN THE PRESENCE OF (witnessed by):", "UNITED STATES OF AMERICA")
    for i, head in enumerate(heads):
        y = foot + i * step
        sheet.line(left, y, right, y)
        sheet.text(left + 3, y + 8, head if rng.random() < 0.9 else text.company(rng).upper(), small)
        base = y + step - rng.uniform(11, 16)
        sheet.text(left + 4, base, "BY", small)
        title = pick(rng, ("(Title)", "(Official Title)", "(Address)"))
        for x, stop, label in ((left + 20, middle - 10, "(Signature)"), (middle, right - 10, title)):
            sheet.line(x, base + 2, stop, base + 2, 0.5)
            sheet.text((x + stop) / 2, base + 9, label, small, align="center")
        if signed and rng.random() < 0.93:
            y = base + rng.uniform(0, 5)
            room = middle - left - 10
            sign(sheet, rng, left + 30, y, 205.0, height=36 * rng.lognormal(0, 0.4), room=room)
        beside = rng.random()
        if signed and beside < 0.13:
            date_by_hand(sheet, rng, right - rng.uniform(80, 110), base, 65)
        elif beside < 0.55:
            sheet.text(middle + 10, base, text.title(rng), face)
        elif beside < 0.7:
            ink = handwriting.note(rng, text.title(rng), rng.uniform(4, 6), sheet.scale)
            sheet.paste(ink, middle + 5, base - ink.shape[0] / sheet.scale + 3)
        elif signed and beside < 0.85:
            sheet.redact((middle + 10, base - 13, middle + rng.uniform(60, 150), base), style)
