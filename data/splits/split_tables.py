"""Reads files that assign every picture to a part: `split.csv`, `splits.json`, `metadata.jsonl`."""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from data.pictures.image_folder import IMAGE_SUFFIXES
from data.splits.path_names import SPLIT_WORDS, without_accents
from data.text_files import read_text

TABLE_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")

_DELIMITERS = ("\t", ";", ",")
_NO_PART = ("", "unassigned", "none", "null", "nan")
_NAMES_OF_PARTS = ("split", "subset", "set", "part", "partition", "phase")
_NAMES_OF_PICTURES = frozenset(
    (
        *("file", "files", "filename", "image", "images", "imagename", "imageid", "img", "picture", "pictures", "page"),
        *("path", "filepath", "imagepath", "name", "id", "scan", "document", "datei", "bild", "stem"),
    )
)
_WORDS_FOR_A_SPLIT = ("split", "splits", "partition", "partitions", "subset", "subsets", "parts")
_HEADER = ("picture", "split")

_SEPARATOR = re.compile(r"sep=.\r?\n", re.IGNORECASE)
"""The first line of tables for Excel."""

_ABOUT_LABELS = ("categories", "info", "licenses")
_PAGES = (*IMAGE_SUFFIXES, ".pdf")
_JSON_WORD = re.compile(r'"([^\W\d_]+)"')

Rows = Sequence[Sequence[str]]


def parts_in_table(file: Path) -> dict[str, list[str]]:
    """Part -> its pictures; empty if the file does not describe a split.

    A table, or a list of JSON objects, counts if a column contains only names of parts and another one contains
    pictures, by their suffixes or by its header. Without the second condition, the log of a training would count. A
    JSON object counts if its keys are names of parts and its values lists of pictures, or if its values are names of
    parts.

    Args:
      file: with a suffix of `TABLE_SUFFIXES`, or a text file for which `is_table` holds.
    """
    try:
        text = read_text(file)
    except OSError:
        return {}
    if file.suffix.lower() in (".csv", ".tsv"):
        return _parts_in_rows(_rows_of_text(text))
    if is_table(file):
        return _parts_in_rows([_HEADER, *(_picture_and_part(line) for line in text.splitlines() if line.strip())])
    if not any(_part_of(word[1]) for word in _JSON_WORD.finditer(text)):
        return {}  # saves parsing labels, which are large and seldom name parts
    try:
        return _parts_in_json(json.loads(text))
    except (ValueError, RecursionError):
        pass
    try:
        return _parts_in_json([json.loads(line) for line in text.splitlines() if line.strip()])
    except (ValueError, RecursionError):
        return {}


def is_table(file: Path) -> bool:
    """Whether the name of a text file means a split, as that of `split.txt`: a picture and its part in each line.

    Args:
      file: any file.
    """
    words = set(re.split(r"[\W\d_]+", file.stem.lower()))
    return file.suffix.lower() == ".txt" and not words.isdisjoint(_WORDS_FOR_A_SPLIT)


def _picture_and_part(line: str) -> tuple[str, str]:
    """(picture, part) of a line with both in any order; the name of the picture may contain spaces."""
    words = [word.strip("\"'") for word in re.split(r"[\s,;:]+", line.strip())]
    if _part_of(words[-1]) or not _part_of(words[0]):
        return line.strip()[: -len(words[-1])].strip("\"',;: \t") if len(words) > 1 else "", words[-1]
    return line.strip()[len(words[0]) :].strip("\"',;: \t"), words[0]


def _part_of(word: str) -> str:
    """The part that a word means; "" if none."""
    return SPLIT_WORDS.get(without_accents(word).strip().lower(), "")


def _rows_of_text(text: str) -> Rows:
    if first_line := _SEPARATOR.match(text):
        text = text[first_line.end() :]
    head = text.partition("\n")[0]
    try:
        return list(csv.reader(text.splitlines(), delimiter=max(_DELIMITERS, key=head.count)))
    except csv.Error:
        return []


def _parts_in_rows(rows: Rows) -> dict[str, list[str]]:
    """Part -> its pictures, from rows of which the first may be a header."""
    width = max(map(len, rows), default=0)
    columns = [[row[number] if number < len(row) else "" for row in rows] for number in range(width)]
    with_parts = [number for number, cells in enumerate(columns) if _holds_parts(cells)]
    named = [number for number in with_parts if columns[number][0].strip().lower() in _NAMES_OF_PARTS]
    others = [cells for number, cells in enumerate(columns) if number not in with_parts]
    pictures = _column_of_pictures(others)
    if not with_parts or pictures is None:
        return {}
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for picture, word in zip(pictures, columns[(named or with_parts)[0]], strict=True):
        if picture.strip() and (part := _part_of(word)):
            found[part][picture.strip()] = None
    return {part: list(entries) for part, entries in found.items()}


def _column_of_pictures(columns: Sequence[Sequence[str]]) -> Sequence[str] | None:
    """The column with the most names of image files, or else the first whose header means pictures."""
    counts = [sum(cell.strip().lower().endswith(_PAGES) for cell in cells) for cells in columns]
    if any(counts):
        return columns[counts.index(max(counts))]
    heads = (re.sub(r"[^a-z]", "", cells[0].lower()) for cells in columns)
    return next((cells for cells, head in zip(columns, heads, strict=True) if head in _NAMES_OF_PICTURES), None)


def _holds_parts(cells: Sequence[str]) -> bool:
    """Whether every cell after the first names a part or is unassigned, and at least one names a part."""
    parts = [_part_of(cell) for cell in islice(cells, 1, None) if cell.strip().lower() not in _NO_PART]
    return bool(parts) and all(parts)


def _parts_in_json(content: Any) -> dict[str, list[str]]:
    """Part -> its pictures, from the content of a JSON file."""
    if isinstance(content, list):
        return _parts_in_records(content)
    if not isinstance(content, dict):
        return {}
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in content.items():
        if (part := _part_of(key)) and isinstance(value, list):
            found[part] += filter(None, map(_picture_of, value))
    if any(found.values()):
        return {part: entries for part, entries in found.items() if entries}
    if all(isinstance(value, str) for value in content.values()):
        return _parts_in_rows([("picture", "split"), *content.items()])
    for value in (value for key, value in content.items() if key not in _ABOUT_LABELS):
        if (isinstance(value, dict | list)) and (inner := _parts_in_json(value)):
            return inner
    return {}


def _parts_in_records(records: Sequence[Any]) -> dict[str, list[str]]:
    """Part -> its pictures, from a list of objects such as the images of COCO's labels."""
    objects = [record for record in records if isinstance(record, dict)]
    keys = list(dict.fromkeys(key for record in objects for key, value in record.items() if isinstance(value, str)))
    rows = ([str(record.get(key) or "") for key in keys] for record in objects)
    return _parts_in_rows([keys, *rows]) if len(keys) > 1 else {}


def _picture_of(entry: Any) -> str:
    """The picture that an entry of a list names; empty if it names none."""
    if isinstance(entry, dict):
        texts = list(_texts(entry))
        return next((text for text in texts if text.lower().endswith(_PAGES)), texts[0] if texts else "")
    return str(entry) if isinstance(entry, str | int) else ""


def _texts(entry: dict[str, Any]) -> Iterator[str]:
    return (value for value in entry.values() if isinstance(value, str) and value)
