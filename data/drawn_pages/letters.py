"""Letters and memos, typed and signed, as in the files of offices from the forties to the nineties."""

import dataclasses

import numpy as np

from data.drawn_pages import handwriting, marks, text, typefaces
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.signing import date_by_hand, sign
from data.drawn_pages.text import pick
from data.drawn_pages.typefaces import Typeface


@dataclasses.dataclass(frozen=True)
class _Style:
    """How a letter is typed, in points.

    Args:
      face, bold: what it is typed in.
      leading: between lines.
      left, right: margins' positions on the page.
      justify: whether lines end flush.
      indent: of paragraphs' first lines.
    """

    face: Typeface
    bold: Typeface
    leading: float
    left: float
    right: float
    justify: bool
    indent: float


def _style(sheet: Sheet, rng: np.random.Generator) -> _Style:
    kind = rng.random()
    family = pick(rng, typefaces.TYPEWRITERS if kind < 0.65 else typefaces.SERIFS if kind < 0.9 else typefaces.SANS)
    size = rng.uniform(9.5, 12.5) * (0.88 if "DejaVu" in family else 1)
    return _Style(
        face=sheet.face(family, size),
        bold=sheet.face(typefaces.BOLD[family], size),
        leading=size * pick(rng, (1.15, 1.2, 1.25, 1.3, 1.8 if rng.random() < 0.2 else 1.2)),
        left=rng.uniform(50, 115),
        right=sheet.width - rng.uniform(45, 105),
        justify=rng.random() < (0.1 if kind < 0.65 else 0.4),
        indent=0.0 if rng.random() < 0.5 else rng.uniform(20, 50),
    )


def letter(sheet: Sheet, rng: np.random.Generator, signed: bool = True) -> None:
    """Lays out a letter, a memo, or the last page of one."""
    style = _style(sheet, rng)
    kind = rng.random()
    if kind < 0.55:
        y = _head(sheet, rng, style)
    elif kind < 0.82:
        y = _memo_head(sheet, rng, style)
    elif kind < 0.96:
        y = _second_page_head(sheet, rng, style)
    else:
        _personal_note(sheet, rng, signed)
        marks.clutter(sheet, rng)
        return
    y = _body(sheet, rng, style, y)
    y = _close(sheet, rng, style, y, signed)
    _tail(sheet, rng, style, y)
    marks.clutter(sheet, rng)


# ---- heads ----


def _head(sheet: Sheet, rng: np.random.Generator, style: _Style) -> float:
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


def _memo_head(sheet: Sheet, rng: np.random.Generator, style: _Style) -> float:
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


def _second_page_head(sheet: Sheet, rng: np.random.Generator, style: _Style) -> float:
    y = rng.uniform(40, 80)
    if rng.random() < 0.4:
        sheet.text(sheet.width / 2, y, f"- {rng.integers(2, 9)} -", style.face, align="center")
    elif rng.random() < 0.8:
        for line in (text.person(rng), text.date(rng), f"Page {rng.integers(2, 6)}"):
            sheet.text(style.left, y, line, style.face)
            y += style.leading
    return y + rng.uniform(20, 40)


# ---- text ----


def _body(sheet: Sheet, rng: np.random.Generator, style: _Style, y: float) -> float:
    """Types paragraphs, lists and small tables down to a chosen height. Returns the next baseline."""
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


def _figures(sheet: Sheet, rng: np.random.Generator, style: _Style, y: float, bottom: float) -> float:
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


def _close(sheet: Sheet, rng: np.random.Generator, style: _Style, y: float, signed: bool) -> float:
    """The closing, the signatures and the names typed under them. Returns the y below."""
    people = int(rng.choice([1, 2, 3, 4], p=[0.84, 0.1, 0.04, 0.02]))
    room = max(style.leading * 2.7, 29) * rng.uniform(0.9, 1.7)
    reach = pick(rng, (-4.0, 5.0, 9.0))  # whether the box takes in only what is written over, or all that is close
    ruled = rng.random() < 0.15
    right = rng.uniform(0.44, 0.63) * sheet.width
    if people == 1:
        places = [(pick(rng, (style.left, right, right, right)), y)]
    elif rng.random() < 0.6:  # side by side
        places = [
            (style.left + (i % 2) * (right - style.left), y + (i // 2) * (room + 3 * style.leading))
            for i in range(people)
        ]
    else:
        places = [
            (right if rng.random() < 0.8 else style.left, y + i * (room + 2 * style.leading)) for i in range(people)
        ]
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
            near.append(sheet.text(x, name_y, text.person(rng), style.face))
            if rng.random() < 0.65:
                name_y += style.leading
                sheet.text(x, name_y, text.title(rng), style.face)
            if rng.random() < 0.1:
                name_y += style.leading
                sheet.text(x, name_y, text.company(rng), style.face)
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


def _tail(sheet: Sheet, rng: np.random.Generator, style: _Style, y: float) -> None:
    """Typists' initials, enclosures, copies."""
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
    """A note by hand, signed with a name."""
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
