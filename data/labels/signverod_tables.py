"""Reads SignverOD's four CSV tables, in which ids collide and test pages are also training pages.

image_ids.csv   height, width, id, file_name: the pages
train.csv       area, bbox, category_id, id, image_id: the boxes of the shipped training part
test.csv        the boxes of the shipped test part
categories.csv  id, name
"""

import csv
import dataclasses
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from data.errors import UserError
from data.labelled_pages import box_arrays, Dropped, LabelledPage
from data.labels.numbering import repair_ids, repair_references, Unrepairable
from data.pages.page_classes import CLASSES

TABLES = ("image_ids.csv", "train.csv", "test.csv", "categories.csv")

_LEASE = re.compile(r"L[A-Z]{2}\d{5}")
_TOBACCO = re.compile(r"[a-z]{3}[a-z0-9]{3}\d\d")

Box = tuple[float, float, float, float]
"""x, y, width, height as shares of the page."""


@dataclasses.dataclass(frozen=True)
class Tables:
    """The content of the four tables without duplicates.

    Attributes:
      pages: each with the boxes of both parts; `path` is found below the dataset's folder.
      dropped: rows that cannot be used.
      duplicate_boxes: number of rows that repeat another row.
      numberings: number of tables, each with ids from the beginning, that were joined into these.
      colliding_ids: number of ids that meant more than one page.
      shipped_parts: page name -> the parts of the shipped split that it is in, `train` and `test`.
    """

    pages: list[LabelledPage]
    dropped: list[Dropped]
    duplicate_boxes: int
    numberings: int
    colliding_ids: int
    shipped_parts: dict[str, set[str]]

    def leaking_pages(self) -> list[str]:
        """Pages that are in both parts of the shipped split."""
        return sorted(name for name, parts in self.shipped_parts.items() if len(parts) > 1)

    def pages_with_leaking_documents(self) -> list[str]:
        """Test pages of the shipped split whose document has a page in the training part."""
        trained = {page.document for page in self.pages if "train" in self.shipped_parts[page.name]}
        return sorted(
            page.name for page in self.pages if "test" in self.shipped_parts[page.name] and page.document in trained
        )


def has_tables(root: Path) -> bool:
    """Whether the four tables are in this folder."""
    return all((root / name).is_file() for name in TABLES)


def read_tables(root: Path) -> Tables:
    """Reads the four tables, separates colliding ids where the numbering starts again, and removes duplicate boxes.

    Args:
      root: the folder of the tables; pictures are found below it by their names.

    Raises:
      UserError: a table is missing, or does not have this form.
    """
    label_of = _read_labels(root / "categories.csv")
    images = _read_rows(root / "image_ids.csv", ("id", "file_name", "height", "width"))
    dropped: list[Dropped] = []
    image_of = dict(zip(_repaired(root / "image_ids.csv", images), (row for _, row in images), strict=True))
    parts: dict[str, set[str]] = {row["file_name"]: set() for row in image_of.values()}
    found: dict[str, dict[tuple[Box, int], None]] = {name: {} for name in parts}  # a dict keeps the order
    duplicates = 0
    for part in ("train", "test"):
        file = root / f"{part}.csv"
        rows = _read_rows(file, ("image_id", "id", "category_id", "bbox"))
        for (number, row), key in zip(rows, _repaired_references(file, rows, list(image_of)), strict=True):
            try:
                name = image_of[key]["file_name"]
                marked = (_parse_box(row["bbox"]), label_of[row["category_id"]])
            except (KeyError, ValueError) as error:
                why = f"no such {'page or class' if isinstance(error, KeyError) else 'box'}: {error}"
                dropped.append((f"{file.name} line {number}", why))
                continue
            parts[name].add(part)
            duplicates += marked in found[name]
            found[name][marked] = None
    pages = list(_pages_of(root, image_of.values(), found, dropped))
    numberings = len({batch for batch, _ in image_of})
    colliding = len(image_of) - len({number for _, number in image_of})
    return Tables(pages, dropped, duplicates, numberings, colliding, parts)


def _pages_of(
    root: Path, rows: Iterable[dict[str, str]], found: dict[str, Any], dropped: list[Dropped]
) -> Iterable[LabelledPage]:
    path_of = {path.name: path for path in root.rglob("*") if path.suffix.lower() in (".png", ".jpg", ".jpeg")}
    for name, row in {row["file_name"]: row for row in rows}.items():
        if not found[name]:
            dropped.append((name, "no box in train.csv or test.csv"))
            continue
        corners = [(y, x, y + height, x + width) for (x, y, width, height), _ in found[name]]
        boxes, labels = box_arrays(corners, [label for _, label in found[name]])
        size = (int(row["height"]), int(row["width"]))
        yield LabelledPage(name, path_of.get(name), boxes, labels, document_of(name), source_of(name), size)


def source_of(name: str) -> str:
    """The collection that a page of SignverOD comes from, by its file name."""
    for start, source in (("gsa_", "GSA"), ("nist_", "NIST"), ("X_", "cheques")):
        if name.startswith(start):
            return source
    return "Tobacco800"


def document_of(name: str) -> str:
    """The document of a page of SignverOD, by its file name.

    For GSA's leases this is the lease with all its amendments, which the same people sign. For Tobacco800 it is the
    document without page and variant, and for NIST's forms the writer.
    """
    stem = Path(name).stem
    if source_of(name) == "GSA":
        lease = _LEASE.search(stem)
        return f"gsa {lease[0]}" if lease else re.sub(r"[-_ ]*\d+$", "", stem)
    if source_of(name) == "NIST":
        return stem.rpartition("_")[0] or stem
    tobacco = _TOBACCO.match(stem)
    return tobacco[0] if tobacco else stem


def _parse_box(text: str) -> Box:
    values = json.loads(text)
    if not isinstance(values, list) or len(values) != 4:
        raise ValueError(text)
    x, y, width, height = map(float, values)
    return x, y, width, height


def _read_labels(file: Path) -> dict[str, int]:
    """Category id as text -> label."""
    labels = {}
    for number, row in _read_rows(file, ("id", "name")):
        if row["name"] not in CLASSES:
            raise UserError(str(file), f"line {number}: {row['name']} is none of {', '.join(CLASSES)}")
        labels[row["id"]] = CLASSES.index(row["name"]) + 1
    return labels


def _read_rows(file: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """(line in the file, values by column) of each row, with whole numbers in the columns of numbers.

    Raises:
      UserError: the file cannot be read, a column is missing, or a value is not a whole number.
    """
    try:
        with open(file, newline="", encoding="utf-8-sig") as handle:
            reader = csv.DictReader(handle)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise UserError(str(file), f"has no column {missing[0]} (wanted: {', '.join(columns)})")
            rows = [(reader.line_num, row) for row in reader]
    except FileNotFoundError:
        raise UserError(str(file), "is missing", (f"SignverOD's four tables are {', '.join(TABLES)}",)) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(str(file), f"cannot be read ({error})") from None
    if not rows:
        raise UserError(str(file), "has no rows")
    for number, row in rows:
        for column in columns:
            value = (row[column] or "").strip()
            if column.endswith("id") or column in ("height", "width"):
                value = value.removesuffix(".0")  # a table that passed through pandas with a gap in the column
                if not value.isdecimal():
                    raise UserError(str(file), f"line {number}: {column} is {row[column]!r}, not a whole number")
            row[column] = value
    return rows


def _numbers(rows: list[tuple[int, dict[str, str]]], column: str) -> list[int]:
    return [int(row[column]) for _, row in rows]


def _repaired(file: Path, rows: list[tuple[int, dict[str, str]]]) -> list[tuple[int, int]]:
    try:
        return repair_ids(_numbers(rows, "id"))
    except Unrepairable as error:
        raise UserError(str(file), f"the ids cannot be told apart: {error}") from None


def _repaired_references(
    file: Path, rows: list[tuple[int, dict[str, str]]], repaired: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    try:
        return repair_references(repaired, _numbers(rows, "image_id"), _numbers(rows, "id"))
    except Unrepairable as error:
        raise UserError(str(file), f"cannot tell which page its image_id means: {error}") from None
