"""Draws cheques: short wide pages, filled in by hand or typed, signed at the lower right."""

import numpy as np

from data.drawn_pages import handwriting, marks, text
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.signing import sign
from data.drawn_pages.text import pick


def cheque(sheet: Sheet, rng: np.random.Generator, signed: bool = True) -> None:
    """Lays out a cheque over the whole sheet. Its date is a field that is filled in, and not labelled as a date."""
    width, height, scale = sheet.width, sheet.height, sheet.scale
    small = sheet.face(pick(rng, ("DejaVuSans", "STIXGeneral", "cmss10")), rng.uniform(6, 8))
    head = sheet.face(pick(rng, ("DejaVuSans-Bold", "STIXGeneralBol", "DejaVuSerif")), rng.uniform(9, 13))
    typed = sheet.face("cmtt10", 10) if rng.random() < 0.35 else None

    def fill(x: float, y: float, said: str, most: float) -> None:
        if typed is not None:
            sheet.text(x, y, said, typed)
            return
        ink = handwriting.written(
            rng, said, scale, width=min(most, 9.0 * len(said)), height=19, pen=rng.uniform(0.8, 1.4)
        )
        sheet.paste(ink, x, y - 0.8 * ink.shape[0] / scale)

    if rng.random() < 0.6:
        sheet.frame((4, 4, width - 4, height - 4), rng.uniform(0.6, 2))
    sheet.text(25, 30, pick(rng, (text.company(rng), text.person(rng))), head)
    sheet.text(25, 41, text.street(rng), small)
    sheet.text(25, 51, text.city(rng), small)
    sheet.text(width - 30, 28, f"{rng.integers(100, 9999)}", head, align="right")
    if rng.random() < 0.4:
        marks.logo(sheet, rng, rng.uniform(0.4, 0.6) * width, 35, 18)
    y = 0.3 * height
    sheet.line(0.62 * width, y, 0.85 * width, y)
    sheet.text(0.62 * width - 4, y, "DATE", small, align="right")
    fill(0.63 * width, y, f"{rng.integers(1, 13)}/{rng.integers(1, 29)}/{rng.integers(60, 99)}", 90)
    y = 0.45 * height
    sheet.text(22, y - 8, "PAY TO THE", small)
    sheet.text(22, y, "ORDER OF", small)
    sheet.line(75, y, 0.75 * width, y)
    fill(85, y, text.person(rng).replace(",", ""), 0.5 * width)
    sheet.frame((0.78 * width, y - 16, 0.95 * width, y + 2))
    fill(0.79 * width, y - 1, "$" + text.number(rng), 0.14 * width)
    y = 0.58 * height
    sheet.line(22, y, 0.85 * width, y)
    fill(28, y, text.phrase(rng, int(rng.integers(2, 5))), 0.6 * width)
    sheet.text(0.86 * width, y, "DOLLARS", small)
    sheet.text(25, 0.68 * height, text.company(rng).upper() + " BANK", small)
    y = 0.83 * height
    sheet.text(22, y, "FOR", small)
    sheet.line(42, y, 0.42 * width, y)
    if rng.random() < 0.5:
        fill(50, y, text.phrase(rng, 2), 120)
    sheet.line(0.55 * width, y, 0.95 * width, y)
    if rng.random() < 0.4:
        sheet.text(0.7 * width, y + 8, "AUTHORIZED SIGNATURE", small)
    number = "".join(pick(rng, "0123456789") for _ in range(9))
    sheet.text(
        30, height - 14, f":{number}:  {number[::-1]}  {rng.integers(100, 9999)}", sheet.face("DejaVuSansMono", 9.5)
    )
    if rng.random() < 0.2:
        marks.stamp(sheet, rng)
    if signed:
        sign(
            sheet,
            rng,
            rng.uniform(0.57, 0.66) * width,
            y + rng.uniform(0, 6),
            0.27 * width,
            height=38 * rng.lognormal(0, 0.3),
            room=0.38 * width,
        )
