"""Draws unlabelled marks of pages: letterheads, logos, stamps, numbers, holes, notes."""

import cv2
import numpy as np

from data.drawn_pages import handwriting, text, typefaces
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.text import pick


def letterhead(sheet: Sheet, rng: np.random.Generator) -> float:
    """Prints a letterhead. Returns the y below it, points."""
    style = pick(rng, ("center", "center", "left", "right"))
    x = {"center": sheet.width / 2, "left": rng.uniform(40, 80), "right": sheet.width - rng.uniform(40, 80)}[style]
    y = rng.uniform(35, 65)
    family = pick(rng, typefaces.SERIFS + typefaces.SANS)
    size = rng.uniform(11, 24)
    name = text.company(rng)
    if rng.random() < 0.5:
        name = name.upper()
    lean = rng.uniform(0.2, 0.5) if rng.random() < 0.25 else 0.0  # italics and scripts
    face = sheet.face(typefaces.BOLD[family] if rng.random() < 0.5 else family, size)
    while sheet.measure(name, face) > sheet.width - 120 and size > 9:
        size *= 0.85
        face = sheet.face(family, size)
    if rng.random() < 0.5:
        radius = rng.uniform(14, 32)
        rng.integers(2)  # not used, but without it all drawn pages would change
        if style == "center" and rng.random() < 0.5:
            logo(sheet, rng, x, y + radius - 20, radius)
            y += 2 * radius + 6
        else:
            logo(sheet, rng, x if style == "center" else sheet.width - x, y + 5, radius)
            if style == "center":
                y += radius + size
    head = sheet.text(x, y, name, face, align=style, lean=lean)
    if lean and rng.random() < 0.5:
        sheet.line(head[0], y + 3, head[2] + 10, y + 2, 1.0)
    y += size * 0.4
    if rng.random() < 0.3:
        sheet.line(rng.uniform(40, 80), y, sheet.width - rng.uniform(40, 80), y, rng.uniform(0.5, 2.5))
    small = sheet.face(family, rng.uniform(6.5, 9))
    for _ in range(int(rng.integers(1, 4))):
        y += rng.uniform(9, 12)
        line = pick(
            rng,
            (
                text.street(rng) + ", " + text.city(rng),
                text.city(rng),
                f"Telephone ({rng.integers(200, 999)}) {rng.integers(200, 999)}-{rng.integers(1000, 9999)}",
                text.phrase(rng, 3).title(),
            ),
        )
        sheet.text(x, y, line.upper() if rng.random() < 0.3 else line, small, align=style, lean=lean / 2)
    if rng.random() < 0.25:  # officers or branches along the side or the foot
        foot = sheet.height - rng.uniform(20, 40)
        sheet.text(
            sheet.width / 2, foot, text.street(rng) + " / " + text.city(rng), small, align="center", lean=lean / 2
        )
    return y


def logo(sheet: Sheet, rng: np.random.Generator, x: float, y: float, radius: float) -> None:
    """Draws a random emblem around a point, all in points."""
    size = max(8, round(2 * radius * sheet.scale))
    emblem = np.zeros((size, size), np.uint8)
    c, kind = size // 2, int(rng.integers(4))
    width = max(1, round(sheet.scale * rng.uniform(0.7, 3)))
    if kind == 0:  # a seal
        for r in (0.95, 0.7):
            cv2.circle(emblem, (c, c), int(c * r), 255, width)
        points = np.array([c + 0.82 * c * np.array([np.cos(a), np.sin(a)]) for a in np.arange(0, 6.28, 0.25)]).astype(
            int
        )
        for point in points:
            cv2.circle(emblem, tuple(int(v) for v in point), max(1, c // 18), 255, -1)
        cv2.fillPoly(emblem, [(c + rng.uniform(-0.5, 0.5, (7, 2)) * c).astype(np.int32)], 255)
    elif kind == 1:  # bars
        for i in range(int(rng.integers(2, 6))):
            cv2.line(emblem, (size * i // 6, size - 1), (size * (i + 1) // 6, size // 8), 255, max(1, size // 14))
        cv2.rectangle(emblem, (0, 0), (size - 1, size - 1), 255, width)
    elif kind == 2:  # letters on black
        cv2.rectangle(emblem, (0, size // 5), (size - 1, size - size // 5), 255, -1)
        face = sheet.face("DejaVuSans-Bold", 0.7 * radius)
        mono = face.render("".join(pick(rng, "ABCDEFGHKLMNPRSTW") for _ in range(2)))
        mono = mono[:size, :size]
        top, left = (size - mono.shape[0]) // 2, (size - mono.shape[1]) // 2
        emblem[top : top + mono.shape[0], left : left + mono.shape[1]] &= ~mono
    else:  # a star, an outline, a crest
        n = int(rng.integers(4, 9))
        angle = np.arange(2 * n) * np.pi / n
        star = (
            c
            + (
                np.where(np.arange(2 * n) % 2, rng.uniform(0.3, 0.8), 0.95)
                * c
                * np.array([np.cos(angle), np.sin(angle)])
            ).T
        )
        if rng.random() < 0.5:
            cv2.fillPoly(emblem, [star.astype(np.int32)], 255)
        else:
            cv2.polylines(emblem, [star.astype(np.int32)], True, 255, width)
    sheet.paste(emblem, x - radius, y - radius)


def page_number(sheet: Sheet, rng: np.random.Generator) -> None:
    """Stamps an archive number along an edge: horizontal at the foot or vertical at the right."""
    digits = f"{rng.integers(10**7, 10**10)}"
    number = pick(
        rng, (digits, digits[:5] + " " + digits[5:9], "".join(pick(rng, "ABCKLRT") for _ in range(3)) + " " + digits)
    )
    face = sheet.face(
        pick(rng, ("DejaVuSans-Bold", "DejaVuSansMono-Bold", "DejaVuSansMono", "cmtt10", "DejaVuSans")),
        rng.uniform(8, 15),
    )
    if rng.random() < 0.5:
        at = pick(rng, ((0.75, 0.97), (0.5, 0.985), (0.1, 0.98), (0.75, 0.04)))
        sheet.text(sheet.width * (at[0] + rng.normal(0, 0.04)), sheet.height * at[1], number, face, align="center")
    else:
        ink = np.rot90(face.render(number), -1 if rng.random() < 0.7 else 1)
        sheet.paste(ink, sheet.width - rng.uniform(18, 45), sheet.height * rng.uniform(0.6, 0.85))


def stamp(sheet: Sheet, rng: np.random.Generator) -> None:
    """Stamps a word such as RECEIVED and a date, sometimes framed, slightly turned."""
    face = sheet.face(pick(rng, ("DejaVuSans-Bold", "STIXGeneralBol", "DejaVuSansMono-Bold")), rng.uniform(9, 20))
    rows = [
        face.render(
            pick(
                rng,
                ("RECEIVED", "RECEIVED", "FILED", "COPY", "CONFIDENTIAL", "APPROVED", "PAID", "FILE COPY", "ENTERED"),
            )
        ),
        sheet.face("DejaVuSans-Bold", rng.uniform(7, 12)).render(text.date(rng).upper()),
    ][: int(rng.integers(1, 3))]
    width = max(row.shape[1] for row in rows)
    pad = round(5 * sheet.scale)
    ink = np.vstack(
        [
            np.pad(row, ((0, 0), ((width - row.shape[1]) // 2, width - row.shape[1] - (width - row.shape[1]) // 2)))
            for row in rows
        ]
    )
    ink = np.pad(ink, pad)
    if rng.random() < 0.7:
        thickness = max(1, round(sheet.scale * rng.uniform(0.8, 2.5)))
        cv2.rectangle(
            ink, (thickness, thickness), (ink.shape[1] - 1 - thickness, ink.shape[0] - 1 - thickness), 255, thickness
        )
    ink = turn(ink, rng.normal(0, 6))
    ink = cv2.multiply(ink, blotches(ink.shape, rng), scale=1 / 255)
    sheet.paste(
        ink,
        rng.uniform(0.08, 0.7) * sheet.width,
        pick(rng, (rng.uniform(0.03, 0.3), rng.uniform(0.03, 0.9))) * sheet.height,
    )


def turn(ink: np.ndarray, degrees: float) -> np.ndarray:
    """Turns ink, uint8 [H, W], about its middle; the result is large enough for all of it."""
    rows, columns = ink.shape
    angle = np.deg2rad(abs(degrees))
    size = (
        int(columns * np.cos(angle) + rows * np.sin(angle)) + 2,
        int(rows * np.cos(angle) + columns * np.sin(angle)) + 2,
    )
    matrix: np.ndarray = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1)
    matrix[:, 2] += (np.array(size) - (columns, rows)) / 2
    return cv2.warpAffine(ink, matrix, size)


def blotches(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Uneven inking, uint8 of the shape: 255 where the stamp left all of its ink."""
    coarse = rng.uniform(60, 420, (max(2, shape[0] // 6), max(2, shape[1] // 6))).astype(np.float32)
    return cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_LINEAR).clip(0, 255).astype(np.uint8)


def holes(sheet: Sheet, rng: np.random.Generator) -> None:
    """Draws copies of punch holes, at the left or the top, and sometimes of a staple in the corner."""
    radius, x = rng.uniform(6, 13), rng.uniform(8, 26)
    if rng.random() < 0.7:
        for share in (0.11, 0.5, 0.88) if rng.random() < 0.8 else (0.35, 0.65):
            if rng.random() < 0.9:
                sheet.disc(x + rng.normal(0, 1), share * sheet.height + rng.normal(0, 4), radius)
    else:
        for share in (0.33, 0.66):
            sheet.disc(share * sheet.width + rng.normal(0, 4), rng.uniform(10, 25), radius)
    if rng.random() < 0.4:
        y = rng.uniform(12, 35)
        sheet.line(y + 4, y, y + 16, y - rng.uniform(-8, 8), 1.3)


def notes(sheet: Sheet, rng: np.random.Generator) -> None:
    """Writes a few words in the margin, which are not labelled."""
    x_height = rng.uniform(4, 9)
    x, y = pick(
        rng,
        (
            (rng.uniform(0.5, 0.85), rng.uniform(0.01, 0.12)),
            (rng.uniform(0.02, 0.4), rng.uniform(0.01, 0.1)),
            (rng.uniform(0.02, 0.08), rng.uniform(0.1, 0.9)),
            (rng.uniform(0.75, 0.9), rng.uniform(0.1, 0.9)),
            (rng.uniform(0.1, 0.6), rng.uniform(0.85, 0.95)),
        ),
    )
    slope = rng.normal(0, 6)
    for _ in range(int(rng.choice([1, 1, 2, 2, 3, 5]))):
        said = text.phrase(rng, int(rng.integers(1, 4)))
        if rng.random() < 0.3:
            said = pick(
                rng,
                (
                    "File",
                    "OK",
                    "cc",
                    "See me",
                    "Bob",
                    "no",
                    "Call " + text.surname(rng),
                    f"{rng.integers(2, 900)}",
                    "Please return",
                ),
            )
        ink = turn(handwriting.note(rng, said, x_height, sheet.scale), slope)
        sheet.paste(ink, x * sheet.width + rng.normal(0, 4), y * sheet.height)
        y += (2.8 * x_height + rng.uniform(0, 6)) / sheet.height


def scribbles(sheet: Sheet, rng: np.random.Generator, left: float, right: float, top: float, bottom: float) -> None:
    """Draws a reader's ticks, ovals and underlines in a part of the text."""
    for _ in range(int(rng.integers(1, 5))):
        x, y = rng.uniform(left, right), rng.uniform(top, max(top + 1, bottom))
        kind = rng.random()
        if kind < 0.4:
            sheet.paste(handwriting.check_mark(rng, rng.uniform(6, 16), sheet.scale), pick(rng, (x, left - 20)), y)
        elif kind < 0.6:
            sheet.paste(handwriting.loop(rng, rng.uniform(30, 120), rng.uniform(14, 30), sheet.scale), x, y)
        else:
            sheet.line(x, y, min(x + rng.uniform(20, 140), right), y + rng.normal(0, 3), rng.uniform(0.7, 1.6))


def fax_line(sheet: Sheet, rng: np.random.Generator) -> None:
    """Prints the line of a fax machine along the top."""
    face = sheet.face("DejaVuSansMono", rng.uniform(5.5, 8))
    when = f"{text.date(rng).upper()}   {rng.integers(0, 24)}:{rng.integers(10, 60)}"
    line = f"{when}   FR {text.company(rng).upper()}   TO {rng.integers(10**9, 10**10)}   P.{rng.integers(1, 9):02}"
    sheet.text(rng.uniform(5, 40), rng.uniform(10, 20), line, face)


def clutter(sheet: Sheet, rng: np.random.Generator, amount: float = 1.0) -> None:
    """Adds some of the marks above at random; `amount` multiplies their probabilities."""
    for chance, add in (
        (0.55, page_number),
        (0.3, holes),
        (0.16, stamp),
        (0.35, notes),
        (0.12, notes),
        (0.08, fax_line),
    ):
        if rng.random() < chance * amount:
            add(sheet, rng)
    if rng.random() < 0.25 * amount:
        scribbles(sheet, rng, 0.12 * sheet.width, 0.85 * sheet.width, 0.2 * sheet.height, 0.7 * sheet.height)
