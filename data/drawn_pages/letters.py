"""Draws typed and signed letters and memos, as in office files from the 1940s to the 1990s."""

import numpy as np

from data.drawn_pages import handwriting, marks, text
from data.drawn_pages.letter_heads import letter_style, letterhead, LetterStyle, memo_head, second_page_head
from data.drawn_pages.sheet import Box, Sheet
from data.drawn_pages.signing import date_by_hand, sign
from data.drawn_pages.text import pick


def letter(sheet: Sheet, rng: np.random.Generator, signed: bool = True) -> None:
    """Lays out a letter, a memo, or the last page of one."""
    style = letter_style(sheet, rng)
    kind = rng.random()
    if kind < 0.55:
        y = letterhead(sheet, rng, style)
    elif kind < 0.82:
        y = memo_head(sheet, rng, style)
    elif kind < 0.96:
        y = second_page_head(sheet, rng, style)
    else:
        _personal_note(sheet, rng, signed)
        marks.clutter(sheet, rng)
        return
    y = _body(sheet, rng, style, y)
    y = _close(sheet, rng, style, y, signed)
    _tail(sheet, rng, style, y)
    marks.clutter(sheet, rng)


# ---- text ----


def _body(sheet: Sheet, rng: np.random.Generator, style: LetterStyle, y: float) -> float:
    """Types paragraphs, lists and small tables to a random height. Returns the next baseline, points."""
    bottom = max(y + 3 * style.leading, sheet.height * rng.uniform(0.3, 0.74))
    while y < bottom:
        kind = rng.random()
        if kind < 0.82:
            words = text.prose(rng, int(rng.integers(1, 5)))
            y = sheet.paragraph(
                style.left,
                y,
                style.right - style.left,
                words,
                style.face,
                style.leading,
                indent=style.indent,
                justify=style.justify,
                bottom=bottom,
            )
        elif kind < 0.92:
            for i in range(1, int(rng.integers(3, 6))):
                sheet.text(style.left + 22, y, f"{i}.", style.face)
                y = sheet.paragraph(
                    style.left + 44,
                    y,
                    style.right - style.left - 60,
                    text.sentence(rng),
                    style.face,
                    style.leading,
                    bottom=bottom + 30,
                )
        else:
            y = _figures(sheet, rng, style, y, bottom + 30)
        y += style.leading * pick(rng, (0.6, 1, 1))
    return y


def _figures(sheet: Sheet, rng: np.random.Generator, style: LetterStyle, y: float, bottom: float) -> float:
    """Types a small table of numbers. Returns the next baseline, points."""
    columns = np.cumsum(rng.uniform(60, 110, int(rng.integers(2, 5)))) + style.left + 80
    for x in columns:
        head = sheet.text(x, y, pick(rng, text.words()).capitalize(), style.face, align="right")
        if rng.random() < 0.6:
            sheet.line(head[0], y + 2, head[2], y + 2)
    for _ in range(int(rng.integers(2, 9))):
        y += style.leading
        if y > bottom:
            break
        sheet.text(style.left + 15, y, text.phrase(rng, 2).capitalize()[:16], style.face)
        for x in columns[columns < style.right]:
            sheet.text(x, y, text.number(rng), style.face, align="right")
    return y + style.leading


# ---- closings ----


def _close(sheet: Sheet, rng: np.random.Generator, style: LetterStyle, y: float, signed: bool) -> float:
    """Lays out the closing, the signatures and the names typed under them. Returns the y below, points."""
    people = int(rng.choice([1, 2, 3, 4], p=[0.84, 0.1, 0.04, 0.02]))
    room = max(style.leading * 2.7, 29) * rng.uniform(0.9, 1.7)
    reach = pick(rng, (-4.0, 5.0, 9.0))  # whether boxes include only the lines that ink covers, or all close lines
    ruled = rng.random() < 0.15
    right = rng.uniform(0.44, 0.63) * sheet.width
    places = _places(rng, style, people, right, y, room)
    beside = people > 1 and places[0][0] != places[1][0]
    wide = right - style.left if beside else 250.0
    closed = rng.random() < 0.85
    lowest = y
    for i, (x, top) in enumerate(places):
        near = []
        if closed and i == 0:
            near.append(sheet.text(x, top, pick(rng, text.CLOSINGS), style.face))
            if rng.random() < 0.12:
                near.append(sheet.text(x, top + style.leading, text.company(rng).upper(), style.face))
                top += style.leading
        base = top + room
        if base > sheet.height - 25:
            break
        if ruled:
            sheet.line(x, base, x + rng.uniform(130, 200), base)
            if rng.random() < 0.4:
                sheet.text(x - 20, base, "By:", style.face)
        name_y = base + style.leading * (1.0 if ruled else pick(rng, (0, 0.3, 0.8)))
        if rng.random() < 0.93:
            name, name_y = _typed_name(sheet, rng, style, x, name_y)
            near.append(name)
        if signed:
            big = rng.random() < 0.15
            sign(
                sheet,
                rng,
                x + rng.uniform(-6, 12),
                base - (0 if ruled else rng.uniform(-2, 8)),
                142.0 * (1.25 if big else 1),
                height=None if big else rng.uniform(1.0, 1.8) * room,
                room=min(wide, sheet.width - x - 10),
                near=tuple(near),
                reach=reach,
            )
            if ruled and rng.random() < 0.25 and x < 0.45 * sheet.width:
                date_by_hand(sheet, rng, x + 210, base)
        lowest = max(lowest, name_y)
    return lowest + style.leading


def _places(
    rng: np.random.Generator, style: LetterStyle, people: int, right: float, y: float, room: float
) -> list[tuple[float, float]]:
    """(x, y) of the closing of each person: side by side, or one below the other."""
    if people == 1:
        return [(pick(rng, (style.left, right, right, right)), y)]
    if rng.random() < 0.6:
        columns, step = right - style.left, room + 3 * style.leading
        return [(style.left + (i % 2) * columns, y + (i // 2) * step) for i in range(people)]
    return [(right if rng.random() < 0.8 else style.left, y + i * (room + 2 * style.leading)) for i in range(people)]


def _typed_name(sheet: Sheet, rng: np.random.Generator, style: LetterStyle, x: float, y: float) -> tuple[Box, float]:
    """Types a name, and sometimes title and company below it. Returns (box of the name, last baseline)."""
    name = sheet.text(x, y, text.person(rng), style.face)
    if rng.random() < 0.65:
        y += style.leading
        sheet.text(x, y, text.title(rng), style.face)
    if rng.random() < 0.1:
        y += style.leading
        sheet.text(x, y, text.company(rng), style.face)
    return name, y


def _tail(sheet: Sheet, rng: np.random.Generator, style: LetterStyle, y: float) -> None:
    """Types the typist's initials, enclosures and copies."""
    y += style.leading * rng.uniform(0, 2)
    blocks = []
    if rng.random() < 0.5:
        first = "".join(pick(rng, "ABCDEFGHJKLMPRSTW") for _ in range(3))
        blocks.append([first + pick(rng, "/:") + pick(rng, ("pb", "mh", "jk", "sc", "lw"))])
    if rng.random() < 0.35:
        blocks.append([pick(rng, ("Enclosure", "Enclosures (2)", "Encl.", "Attachment", "Attachments (3)"))])
    if rng.random() < 0.5:
        people = [text.person(rng) for _ in range(int(rng.integers(1, 9)))]
        blocks.append([f"cc:  {people[0]}", *("     " + name for name in people[1:])])
    for block in blocks:
        for line in block:
            if y < sheet.height - 20:
                sheet.text(style.left, y, line, style.face)
            y += style.leading
        y += style.leading * rng.uniform(0.4, 1.2)


def _personal_note(sheet: Sheet, rng: np.random.Generator, signed: bool) -> None:
    """Lays out a hand-written note that is signed with a name."""
    if rng.random() < 0.7:
        sheet.text(sheet.width / 2, 60, text.person(rng).upper(), sheet.face("DejaVuSans", 10), align="center")
        sheet.line(60, 70, sheet.width - 60, 70, rng.uniform(0.5, 3))
    x_height, y = rng.uniform(5, 9), rng.uniform(100, 150)
    left = rng.uniform(60, 120)
    for _ in range(int(rng.integers(4, 12))):
        x = left + rng.normal(0, 5)
        ink = handwriting.note(rng, text.phrase(rng, int(rng.integers(4, 8))), x_height, sheet.scale)
        sheet.paste(ink[:, : int((sheet.width - 2 * left + 40) * sheet.scale)], x, y)
        y += 3.6 * x_height
    if signed:
        sign(sheet, rng, rng.uniform(0.4, 0.6) * sheet.width, y + 60, 130, height=70)
