"""Boxes of pictures in files of another format than the one that is read: such pictures are not without labels."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

from data.folders import files_below
from data.labels.coco_files import load_json, other_json_files
from data.labels.label_texts import number_of
from data.labels.picture_names import PictureNames
from data.labels.xml_files import find_xml_files, read_xml
from data.labels.yolo_lines import looks_like_yolo
from data.pictures.image_folder import IMAGE_SUFFIXES
from data.text_files import read_text

_LISTS_OF_BOXES = ("shapes", "objects", "regions")
"""Of LabelMe, Supervisely and VoTT, which write a JSON file for each picture."""


def unread_labels(names: PictureNames, read: Collection[Path]) -> dict[Path, Path]:
    """The file, of those that are not read, that holds boxes of a picture.

    Args:
      names: of the pictures.
      read: label files that are read.
    """
    found: dict[Path, Path] = {}
    passed_over = set(read)
    for file in _files_with_boxes(names, passed_over):
        pictures = names.at_place_of(file) or names.nearest(names.with_stem(file.stem), file)
        if len(pictures) == 1:
            found[pictures[0]] = file
    for file in files_below(names.root, ".csv", ".tsv"):
        for written in _pictures_with_numbers(file):
            picture, _ = names.find(written, file)
            if picture:
                found.setdefault(picture, file)
    return found


def _files_with_boxes(names: PictureNames, read: Collection[Path]) -> Iterator[Path]:
    """Files of one picture each that are not read: JSON of several tools, Pascal VOC and YOLO."""
    for name, _ in other_json_files(names.root):
        content = load_json(file := names.root / name)
        if isinstance(content, dict) and any(isinstance(content.get(k), list) and content[k] for k in _LISTS_OF_BOXES):
            yield file
    for file in (file for file in find_xml_files(names.root, "annotation") if file not in read):
        outermost = read_xml(file)
        if outermost is not None and outermost.find("object") is not None:
            yield file
    yield from (file for file in files_below(names.root, ".txt") if file not in read and _is_yolo(file))


def _is_yolo(file: Path) -> bool:
    try:
        return looks_like_yolo(read_text(file))
    except OSError:
        return False


def _pictures_with_numbers(file: Path) -> Iterator[str]:
    """The pictures of a table whose rows hold four numbers or more."""
    try:
        rows = list(csv.reader(read_text(file).replace("\t", ",").replace(";", ",").splitlines()))
    except (OSError, csv.Error):
        return
    for row in rows:
        pictures = [cell for cell in row if cell.strip().lower().endswith(IMAGE_SUFFIXES)]
        if pictures and sum(number_of(cell) is not None for cell in row) >= 4:
            yield pictures[0].strip()
