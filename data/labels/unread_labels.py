"""Finds pictures whose boxes are in a file of a format that is not read: they must not count as empty pages."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

from data.folders import files_below
from data.labels.coco_files import load_json, other_json_files
from data.labels.label_texts import number_of
from data.labels.picture_names import PictureNames
from data.labels.xml_files import find_xml_files, read_xml
from data.labels.yolo_lines import is_yolo_file
from data.pictures.image_folder import IMAGE_SUFFIXES
from data.text_files import read_text

_LISTS_OF_BOXES = ("shapes", "objects", "regions")
"""Keys of LabelMe, Supervisely and VoTT, which write a JSON file for each picture."""


def unread_labels(names: PictureNames, read: Collection[Path]) -> dict[Path, Path]:
    """Picture -> the label file with its boxes, among files that are not read.

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
    """Yields label files of one picture each that are not read: JSON of several tools, Pascal VOC and YOLO."""
    for name, _ in other_json_files(names.root):
        content = load_json(file := names.root / name)
        if isinstance(content, dict) and any(isinstance(content.get(k), list) and content[k] for k in _LISTS_OF_BOXES):
            yield file
    for file in (file for file in find_xml_files(names.root, "annotation") if file not in read):
        outermost = read_xml(file)
        if outermost is not None and outermost.find("object") is not None:
            yield file
    yield from (file for file in files_below(names.root, ".txt") if file not in read and is_yolo_file(file))


def _pictures_with_numbers(file: Path) -> Iterator[str]:
    """Yields the pictures of the rows of a table that hold at least four numbers."""
    try:
        rows = list(csv.reader(read_text(file).replace("\t", ",").replace(";", ",").splitlines()))
    except (OSError, csv.Error):
        return
    for row in rows:
        pictures = [cell for cell in row if cell.strip().lower().endswith(IMAGE_SUFFIXES)]
        if pictures and sum(number_of(cell) is not None for cell in row) >= 4:
            yield pictures[0].strip()
