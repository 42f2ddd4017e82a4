"""Labels of pages written at random as tools write them: every page has its boxes, or is left out with a reason."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fuzzing import fuzz, ROUND
from hypothesis import strategies as st
from labelling import HEIGHT, picture, read, WIDTH
from PIL import Image

from data.pictures.orientation import SIDEWAYS, turn_boxes

GRID = 20
GOOD, OTHER_CLASS, LOST, OUTSIDE = "good", "other class", "lost", "outside"

DOCUMENTS = {"a": (".png", 1), "b": (".jpg", 1), "c": (".tif", 3), "d": (".pdf", 3), "e": (".tif", 1), "f": (".pdf", 1)}
"""Suffix and number of pages of each file; `b` is turned by EXIF."""

Box = tuple[float, float, float, float]


@dataclasses.dataclass
class Drawn:
    """A page as somebody labelled it.

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


@st.composite
def pages(draw: st.DrawFn) -> bytes:
    """Pages with their boxes, the orientation of `b`, and whether boxes are those of the upright picture."""
    drawn = []
    for file, (_, count) in DOCUMENTS.items():
        numbers = range(1, count + 1) if count > 1 and draw(st.integers(0, 3)) else [0]
        for page in numbers:
            if draw(st.booleans()):
                drawn.append({"file": file, "page": page, "name": draw(st.integers(0, 7)), "boxes": draw(boxes())})
    content = {"pages": drawn, "orientation": draw(st.integers(1, 8)), "upright": draw(st.booleans())}
    return json.dumps(content).encode()


@st.composite
def boxes(draw: st.DrawFn) -> list[Any]:
    sides = st.lists(st.integers(0, GRID), min_size=2, max_size=2, unique=True).map(sorted)
    found = []
    for _ in range(draw(st.integers(0, 3))):
        (top, bottom), (left, right) = draw(sides), draw(sides)
        fate = draw(st.sampled_from((GOOD, GOOD, GOOD, OTHER_CLASS, LOST, OUTSIDE)))
        found.append(((top, left, bottom, right), fate, draw(st.integers(0, 7))))
    return found


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


WRITERS: dict[str, Callable[[Path, list[Drawn], int, bool], None]] = {
    "coco": write_coco,
    "yolo": write_yolo,
    "voc": write_voc,
    "cvat": write_cvat,
}


def draw_files(root: Path) -> None:
    root.mkdir()
    for number, (name, (suffix, count)) in enumerate(DOCUMENTS.items()):
        if suffix != ".jpg":
            frames = []
            for frame in range(count):
                pixels = np.full((HEIGHT, WIDTH), 255, np.uint8)
                pixels[5 * number + frame] = 0
                frames.append(Image.fromarray(pixels))
            frames[0].save(
                root / f"{name}{suffix}", **({} if count == 1 else {"save_all": True, "append_images": frames[1:]})
            )


@pytest.mark.fault(
    "labels of pictures and of pages of TIFF and PDF files, some of them lost, as tools write them",
    "every page has the boxes that were drawn on it, or is left out; none becomes one with nothing on it",
)
@pytest.mark.parametrize("kind", WRITERS)
def test_written_labels(seconds: float, tmp_path: Path, kind: str):
    root = tmp_path / "own"
    draw_files(root)

    def read_labels(made: bytes) -> None:
        content = json.loads(made)
        drawn = [Drawn(**page) for page in content["pages"]]
        orientation, upright = content["orientation"], content["upright"]
        for old in (path for suffix in ("txt", "xml", "json") for path in root.glob(f"*.{suffix}")):
            old.unlink()
        picture(root / "b.jpg", 7, orientation=orientation)
        WRITERS[kind](root, drawn, orientation, upright)
        wanted: dict[str, list[Box]] = {}
        for page in drawn:
            suffix, count = DOCUMENTS[page.file]
            if (found := expected(page)) is not None:
                wanted[f"{page.file}{suffix}" + (f" page {page.page}" if count > 1 else "")] = found
        if not any(wanted.values()):
            return  # refused: nothing to train on
        got = read(root, kind, ["stamp:none"], exif="upright" if upright else "stored")
        boxes_of = {page.name: sorted(map(tuple, page.boxes.tolist())) for page in got.dataset.pages}
        assert boxes_of.keys() == wanted.keys()
        for name, found in boxes_of.items():
            assert np.allclose(np.array(found), np.array(wanted[name]), atol=1e-4), name
        left_out = [page for page in drawn if expected(page) is None]
        assert len(got.dataset.dropped) >= len(left_out)

    assert fuzz(read_labels, pages(), seconds) >= ROUND
