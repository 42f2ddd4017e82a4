"""Pascal VOC's XML, labelImg's default: a file for each picture, with a `bndbox` of two corners in pixels for each box.

The shapes that three tools add to the format are read too: the turned `robndbox` of roLabelImg, the `polygon` of
LabelMe's old web page, and the attribute `rotation` by which CVAT turns a `bndbox`.
"""

import dataclasses
import math
from pathlib import Path
from xml.etree.ElementTree import Element

from data.labels.box_units import are_percents, are_shares, around_turned, may_be_percents, UNSURE
from data.labels.label_sets import Corners, LabelFormat, LabelSet, Mark, MarkedPage, ReadOptions
from data.labels.label_texts import number_of
from data.labels.picture_names import NO_PICTURE, PictureNames
from data.labels.xml_files import BROKEN, find_xml_files, numbers_in, OTHER_PICTURE, picture_of, read_xml, size_in
from data.wording import count_of


def find_voc_files(names: PictureNames) -> list[Path]:
    """XML files whose outermost element is `annotation`."""
    return find_xml_files(names.root, "annotation")


def read_voc(names: PictureNames, files: list[Path], options: ReadOptions) -> LabelSet:
    """Reads the picture of every file. A picture whose file has no objects counts as labelled and empty.

    Args:
      names: of the pictures.
      files: from `find_voc_files`.
      options: not used.
    """
    pages = [_page_of(file, names) for file in files]
    notes = [("read", count_of(len(files), "Pascal VOC file"))]
    boxes = [mark.box for page in pages for mark in page.marks]
    sizes = [page.size for page in pages for _ in page.marks]
    if are_shares(boxes):
        notes.append(("boxes", "their boxes are shares of the page, not pixels"))
        for page in pages:
            page.shares = True
    elif are_percents(boxes, sizes):
        notes.append(("boxes", "their boxes are per cent of the page, not pixels"))
        for page in pages:
            page.shares = True
            page.marks = [dataclasses.replace(mark, box=_per_cent_as_shares(mark.box)) for mark in page.marks]
    elif may_be_percents(boxes, sizes):
        notes.append(("boxes", UNSURE))
    return LabelSet(pages, notes=notes)


def _page_of(file: Path, names: PictureNames) -> MarkedPage:
    written = read_xml(file)
    annotation = Element("annotation") if written is None else written
    picture, problem = _picture_of(file, annotation, names)
    name = picture.relative_to(names.root).as_posix() if picture else file.relative_to(names.root).as_posix()
    page = MarkedPage(name, picture, file, size=size_in(annotation.find("size")), problem=problem)
    if written is None:
        page.problem = BROKEN
    for number, item in enumerate(annotation.findall("object"), start=1):
        if not len(item) and not (item.text or "").strip():  # some tools write an empty object for an empty page
            continue
        if (item.findtext("deleted") or "").strip() == "1":  # LabelMe keeps deleted objects
            continue
        kind, box = (item.findtext("name") or "").strip(), _box_of(item)
        place = f"{file.name} object {number}"
        if box and kind:
            page.marks.append(Mark(kind, box, place))
        else:
            missing = "bndbox of four numbers" if kind else "name"
            page.lost.append((place, f"an object without a {missing}"))
    return page


def _picture_of(file: Path, annotation: Element, names: PictureNames) -> tuple[Path | None, str]:
    """(picture, why there is none) of a file, by its own name, the file name in it, or the path in it."""
    found, problem = picture_of(file, annotation.findtext("filename") or "", names)
    if found or problem == OTHER_PICTURE:
        return found, problem
    path = (annotation.findtext("path") or "").strip()
    found, other = names.find(path, file) if path else (None, "")
    return found, "" if found else problem or other or NO_PICTURE


def _box_of(item: Element) -> Corners | None:
    if corners := numbers_in(item.find("bndbox"), "xmin", "ymin", "xmax", "ymax"):
        left, top, right, bottom = corners
        if degrees := _rotation_of(item):
            centre, half = ((left + right) / 2, (top + bottom) / 2), (abs(right - left) / 2, abs(bottom - top) / 2)
            return around_turned((*centre, *half), degrees)
        return top, left, bottom, right
    if turned := numbers_in(item.find("robndbox"), "cx", "cy", "w", "h", "angle"):
        x, y, wide, high, radians = turned
        return around_turned((x, y, wide / 2, high / 2), math.degrees(radians))
    if (polygon := item.find("polygon")) is None:
        return None
    values = [(child.tag[:1], number_of(child.text)) for child in polygon.iter() if child.tag[:1] in ("x", "y")]
    xs = [value for tag, value in values if tag == "x" and value is not None]
    ys = [value for tag, value in values if tag == "y" and value is not None]
    return (min(ys), min(xs), max(ys), max(xs)) if len(xs) == len(ys) > 1 else None


def _rotation_of(item: Element) -> float:
    """Degrees by which CVAT turns a box; `bndbox` is the box before the turn. 0 without a rotation."""
    for attribute in item.iterfind("attributes/attribute"):
        if (attribute.findtext("name") or "").strip().lower() == "rotation":
            return (number_of(attribute.findtext("value")) or 0.0) % 360
    return 0.0


def _per_cent_as_shares(box: Corners) -> Corners:
    ymin, xmin, ymax, xmax = box
    return ymin / 100, xmin / 100, ymax / 100, xmax / 100


VOC = LabelFormat("Pascal VOC", find_voc_files, read_voc)
