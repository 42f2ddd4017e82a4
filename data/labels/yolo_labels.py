"""Pages labelled in YOLO's text files: a line of `class x y width height`, centre and size as shares of the page."""

import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from data.errors import UserError
from data.labelled_pages import box_arrays, Dropped, LabelledDataset, LabelledPage
from data.labels.class_names import labels_of_names
from data.pictures.image_folder import ImageFolder
from data.splits.path_names import document_of_file, split_of

_NAME_FILES = ("classes.txt", "obj.names", "labels.txt")
_LABEL_LINE = re.compile(r"\s*\d+(\s+[-+.\deE]+){4,}\s*")

Marks = list[tuple[str, tuple[float, float, float, float]]]
"""(class number as text, ymin, xmin, ymax, xmax) of each line."""


def find_yolo_files(folder: ImageFolder) -> dict[Path, Path]:
    """The label file of each picture that has one: beside it, or below `labels/` for a picture below `images/`."""
    found = {}
    for picture in folder.pictures:
        parts = picture.relative_to(folder.root).parts
        beside = picture.with_suffix(".txt")
        apart = [
            folder.root.joinpath(*parts[:number], "labels", *parts[number + 1 :]).with_suffix(".txt")
            for number, part in enumerate(parts[:-1])
            if part == "images"
        ]
        for file in (beside, *apart, folder.root / "labels" / beside.name):
            if file.is_file() and file.name not in _NAME_FILES:
                found[picture] = file
                break
    return found


def read_yolo(folder: ImageFolder, files: dict[Path, Path], classes: Sequence[str]) -> LabelledDataset:
    """Reads every picture; one without a label file is, as YOLO has it, a page with nothing on it.

    Args:
      folder: with the pictures.
      files: from `find_yolo_files`.
      classes: see `data.labels.class_names`; where no file names the classes, `<number>:<class>`.

    Raises:
      UserError: a class is not known.
    """
    names, dropped = _read_names(folder.root), []
    marks_of: dict[Path, Marks] = {}
    for picture, file in files.items():
        try:
            marks_of[picture] = _read_marks(file, dropped)
        except (OSError, UnicodeDecodeError) as error:
            dropped.append((file.name, f"cannot be read ({error})"))
    used = {number for marks in marks_of.values() for number, _ in marks}
    labels = labels_of_names((names.get(number, number) for number in used), classes)
    pages = []
    for picture in folder.pictures:
        kept = [
            (box, label) for number, box in marks_of.get(picture, ()) if (label := labels[names.get(number, number)])
        ]
        boxes, kinds = box_arrays([box for box, _ in kept], [label for _, label in kept])
        name = str(picture.relative_to(folder.root))
        split = split_of(Path(name))
        pages.append(LabelledPage(name, picture, boxes, kinds, document_of_file(name), folder.root.name, None, split))
    bare = len(folder.pictures) - len(files)
    notes = [("read", f"{len(files):,} YOLO label files")]
    if bare:
        notes.append(("", f"{bare:,} pictures have none: taken for pages with nothing on them"))
    return LabelledDataset(pages, dropped, notes)


def _read_marks(file: Path, dropped: list[Dropped]) -> Marks:
    marks: Marks = []
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            if not _LABEL_LINE.fullmatch(line):
                raise ValueError
            kind, *values = line.split()
            marks.append((kind, _corners([float(value) for value in values])))
        except ValueError:
            dropped.append((f"{file.name} line {number}", "not a line of class x y width height"))
    return marks


def _corners(values: list[float]) -> tuple[float, float, float, float]:
    """Of a box, with or without a score behind it, or of a polygon."""
    if len(values) <= 5:
        x, y, width, height = values[:4]
        return y - height / 2, x - width / 2, y + height / 2, x + width / 2
    if len(values) % 2:
        raise ValueError("a polygon has an even number of coordinates")
    return min(values[1::2]), min(values[::2]), max(values[1::2]), max(values[::2])


def _read_names(root: Path) -> dict[str, str]:
    """Class names by number as text, from `data.yaml` or a list of names; empty if nothing names them."""
    for file in sorted([*root.rglob("*.yaml"), *root.rglob("*.yml")]):
        try:
            names = (yaml.safe_load(file.read_bytes()) or {}).get("names")
        except (OSError, ValueError, AttributeError, yaml.YAMLError):
            continue
        if isinstance(names, list | dict):
            pairs = names.items() if isinstance(names, dict) else enumerate(names)
            return {str(number): str(name) for number, name in pairs}
    for file in sorted(path for name in _NAME_FILES for path in root.rglob(name)):
        try:
            lines = file.read_text(encoding="utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(str(file), f"cannot be read ({error})") from None
        return {str(number): line.strip() for number, line in enumerate(lines) if line.strip()}
    return {}
