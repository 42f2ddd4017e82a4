"""Draws labelled pages, and writes their labels as tools do, some of them unusable; shared by fuzz tests."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from labelling import HEIGHT, WIDTH

from data.pictures.orientation import SIDEWAYS, turn_boxes

GRID = 20
GOOD, OTHER_CLASS, LOST, OUTSIDE = "good", "other class", "lost", "outside"

DOCUMENTS = {"a": (".png", 1), "b": (".jpg", 1), "c": (".tif", 3), "d": (".pdf", 3), "e": (".tif", 1), "f": (".pdf", 1)}
"""Suffix and number of pages of each file; `b` is turned by EXIF."""

Box = tuple[float, float, float, float]


@dataclasses.dataclass
class Drawn:
    """A labelled page.

    Attributes:
      file: a key of `DOCUMENTS`.
      page: from 1; 0 if the labels do not say which.
      name: how labels call it, see `name_of`.
      boxes: (ymin, xmin, ymax, xmax in `GRID` parts of the page, what becomes of the box, how that is written).
    """

    file: str
    page: int
    name: int
    boxes: list[tuple[tuple[int, int, int, int], str, int]]

    @property
    def is_read(self) -> bool:
        several = DOCUMENTS[self.file][1] > 1
        return bool(self.page) or not several


def name_of(page: Drawn) -> str:
    """The stem of the name of a page."""
    if not page.page:
        return page.file
    number = page.page
    forms = (f"{page.file}_page{number}", f"{page.file}-Page_0{number}", f"{page.file} (page {number})")
    forms = (*forms, f"{page.file.upper()}_seite_{number}", f"{page.file}.p{number}", f"{page.file}_pg-{number:03}")
    return forms[page.name % len(forms)]


def path_of(page: Drawn) -> str:
    """How labels call the picture of a page."""
    suffix = DOCUMENTS[page.file][0]
    if page.page and page.name == 6:
        return f"{page.file}{suffix}#page={page.page}"
    shown = f"{name_of(page)}{'.png' if page.page else suffix}"
    match page.name:
        case 1:
            return f"C:\\scans\\{shown}"
        case 2:
            return f"/data/local-files/?d=scans/{shown}"
        case 3:
            return f"file:///home/ada/{shown.replace(' ', '%20')}"
    return shown


def expected(page: Drawn) -> list[Box] | None:
    """The boxes of a page; None if it is left out."""
    fates = {fate for _, fate, _ in page.boxes}
    good = sorted({tuple(value / GRID for value in box) for box, fate, _ in page.boxes if fate == GOOD})
    if not page.is_read or OUTSIDE in fates or (LOST in fates and not good):
        return None
    return good  # type: ignore[return-value]


def shares_as_written(page: Drawn, orientation: int, upright: bool) -> Iterator[tuple[Box, str, int, tuple[int, int]]]:
    """(box as shares, what becomes of it, how that is written, height and width) as the tool saw the picture."""
    turned = orientation if page.file == "b" and not upright else 1
    size = (WIDTH, HEIGHT) if turned in SIDEWAYS else (HEIGHT, WIDTH)
    for box, fate, way in page.boxes:
        shares = tuple(value / GRID for value in box)
        if turned != 1:
            inverse = {6: 8, 8: 6}.get(turned, turned)
            shares = tuple(turn_boxes(np.array([shares]), inverse)[0].tolist())
        if fate == OUTSIDE:
            shares = tuple(value + 3 for value in shares)
        yield shares, fate, way, size  # type: ignore[misc]


def size_of(page: Drawn, orientation: int, upright: bool) -> tuple[int, int]:
    sideways = page.file == "b" and not upright and orientation in SIDEWAYS
    return (WIDTH, HEIGHT) if sideways else (HEIGHT, WIDTH)


def write_coco(root: Path, drawn: list[Drawn], orientation: int, upright: bool) -> None:
    images, notes = [], []
    for number, page in enumerate(drawn):
        height, width = size_of(page, orientation, upright)
        images.append({"id": number, "file_name": path_of(page), "height": height, "width": width})
        for (top, left, bottom, right), fate, way, _ in shares_as_written(page, orientation, upright):
            box = [left * width, top * height, (right - left) * width, (bottom - top) * height]
            note: dict[str, Any] = {"image_id": number, "category_id": int(fate == OTHER_CLASS), "bbox": box}
            if fate == LOST:
                lost = ({"bbox": None}, {"bbox": [*box[:2], 0, 5]}, {"iscrowd": 1}, {"category_id": None})
                lost = (*lost, {"bbox": box[:3]}, {"bbox": [*box[:3], "NaN"]}, {"bbox": "x"}, {"iscrowd": "1"})
                note |= lost[way]
            notes.append(note)
    categories = [{"id": 0, "name": "signature"}, {"id": 1, "name": "stamp"}]
    content = {"images": images, "annotations": notes, "categories": categories}
    (root / "labels.json").write_text(json.dumps(content))


def write_yolo(root: Path, drawn: list[Drawn], orientation: int, upright: bool) -> None:
    (root / "classes.txt").write_text("signature\nstamp\n")
    for page in drawn:
        lines = []
        for (top, left, bottom, right), fate, way, _ in shares_as_written(page, orientation, upright):
            numbers = [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]
            kind = str(int(fate == OTHER_CLASS))
            words = [kind, *map(repr, numbers)]
            if fate == LOST:
                lost = (
                    words[:3],
                    [*words[:4], "nan"],
                    ["-1", *words[1:]],
                    [*words[:3], "0", "0"],
                    [*words, "1", "2", "3"],
                )
                words = (*lost, ["x"], ["?", *words[1:]], [*words[:2], "inf", *words[3:]])[way]
            lines.append(" ".join(words))
        (root / f"{name_of(page)}.txt").write_text("\n".join(lines))


def write_voc(root: Path, drawn: list[Drawn], orientation: int, upright: bool) -> None:
    for page in drawn:
        height, width = size_of(page, orientation, upright)
        objects = ""
        for (top, left, bottom, right), fate, way, _ in shares_as_written(page, orientation, upright):
            kind = "stamp" if fate == OTHER_CLASS else "signature"
            x0, y0, x1, y1 = (str(value) for value in (left * width, top * height, right * width, bottom * height))
            name = f"<name>{kind}</name>"
            box = f"<bndbox><xmin>{x0}</xmin><ymin>{y0}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax></bndbox>"
            if fate == LOST:
                without = box.replace(f"<ymin>{y0}</ymin>", "")
                lost = (("", box), (name, ""), (name, without), (name, box.replace(f">{x1}<", ">nan<")))
                lost = (*lost, (name, box.replace(f"<xmax>{x1}", f"<xmax>{x0}")), ("<name/>", box))
                name, box = (*lost, (name, "<bndbox/>"), (name, "<polygon/>"))[way]
            objects += f"<object>{name}{box}</object>"
        size = f"<size><width>{width}</width><height>{height}</height></size>"
        named = f"<filename>{name_of(page)}.png</filename>" if page.name % 2 else ""
        (root / f"{name_of(page)}.xml").write_text(f"<annotation>{named}{size}{objects}</annotation>")


def write_cvat(root: Path, drawn: list[Drawn], orientation: int, upright: bool) -> None:
    images = ""
    for page in drawn:
        height, width = size_of(page, orientation, upright)
        shapes = ""
        for (top, left, bottom, right), fate, way, _ in shares_as_written(page, orientation, upright):
            kind = "stamp" if fate == OTHER_CLASS else "signature"
            x0, y0, x1, y1 = left * width, top * height, right * width, bottom * height
            shape = f'<box label="{kind}" xtl="{x0}" ytl="{y0}" xbr="{x1}" ybr="{y1}"/>'
            if fate == LOST:
                none = shape.replace(f' ytl="{y0}"', "")
                empty = f'<box label="{kind}" xtl="{x0}" ytl="{y0}" xbr="{x0}" ybr="{y1}"/>'
                lost = (none, empty, f'<box xtl="{x0}" ytl="{y0}" xbr="{x1}" ybr="{y1}"/>', shape.replace(str(y1), "x"))
                lines = f'<polyline label="{kind}" points="1,2;3,4;5,6"/>'
                tag = f'<tag label="{kind}"/>'
                shape = (*lost, lines, f'<points label="{kind}" points="1,2"/>', f'<polygon label="{kind}"/>', none)[
                    way
                ]
                shape += tag
            shapes += shape
        images += f'<image name="{path_of(page)}" width="{width}" height="{height}">{shapes}</image>'
    (root / "annotations.xml").write_text(f"<annotations>{images}</annotations>")


def write_gedi(root: Path, drawn: list[Drawn], orientation: int, upright: bool) -> None:
    """A file for each page, or, where the name says so, one for several pages of a document."""
    together: dict[str, list[Drawn]] = {}
    for page in drawn:
        several = (
            page.page
            and page.name < 4
            and sum(other.file == page.file and other.page and other.name < 4 for other in drawn) > 1
        )
        together.setdefault(page.file if several else name_of(page), []).append(page)
    for stem, pages_of_file in together.items():
        elements = ""
        for page in pages_of_file:
            height, width = size_of(page, orientation, upright)
            zones = "".join(zone_of(*shares) for shares in shares_as_written(page, orientation, upright))
            source = f"{page.file}{DOCUMENTS[page.file][0]}" if len(pages_of_file) > 1 else path_of(page)
            number = page.page or ""
            size = f'width="{width}" height="{height}"'
            elements += f'<DL_PAGE src="{source}" pageID="{number}" {size}>{zones}</DL_PAGE>'
        (root / f"{stem}.xml").write_text(f"<GEDI><DL_DOCUMENT>{elements}</DL_DOCUMENT></GEDI>")


def zone_of(shares: Box, fate: str, way: int, size: tuple[int, int]) -> str:
    height, width = size
    top, left, bottom, right = shares
    values = {
        "row": top * height,
        "col": left * width,
        "height": (bottom - top) * height,
        "width": (right - left) * width,
    }
    zone: dict[str, Any] = {"gedi_type": "stamp" if fate == OTHER_CLASS else "signature", **values}
    if fate == LOST:
        lost: tuple[dict[str, Any], ...] = (
            {"row": None},
            {"height": 0},
            {"gedi_type": None},
            {"col": "x"},
            {"width": "nan"},
        )
        zone |= (*lost, {"gedi_type": ""}, dict.fromkeys(values), {"width": "inf"})[way]
    attributes = " ".join(f'{key}="{value}"' for key, value in zone.items() if value is not None)
    return f"<DL_ZONE {attributes}/>"


WRITERS: dict[str, Callable[[Path, list[Drawn], int, bool], None]] = {
    "coco": write_coco,
    "yolo": write_yolo,
    "voc": write_voc,
    "cvat": write_cvat,
    "gedi": write_gedi,
}
