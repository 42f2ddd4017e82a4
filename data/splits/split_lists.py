"""Reads lists of a user's split: text files, tables, `obj.data`, and the entries of `data.yaml`."""

import dataclasses
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import yaml  # type: ignore[import-untyped]

from data.folders import files_below
from data.pictures.image_folder import IMAGE_SUFFIXES
from data.splits.path_names import part_of_list, SPLIT_WORDS
from data.splits.split_tables import is_table, parts_in_table, TABLE_SUFFIXES
from data.text_files import read_text

_LABEL_LINE = re.compile(r"\s*-?\d+(\.\d+)?([\s,]+[-+.\deE]+){4,}\s*")
_FLAGGED = re.compile(r"(\S.*?)\s+-?[01]")
_WITH_BOXES = re.compile(rf"(.+?(?:{'|'.join(map(re.escape, IMAGE_SUFFIXES))}))[\s,;].*", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d+(\.\d+)?[\s,;]+){3}\d")
_CELLS = re.compile(r"[,;\t]")
_LISTS = (".txt", ".lst", ".list")
_TEXT = (*_LISTS, ".csv", ".tsv")
_ANY_FILE = re.compile(r"\*+(?:\.(?:\*|[A-Za-z0-9]{1,5}))?")
"""The end of a path that means all files of a folder: `train/images/*.png`, `train/**`."""


@dataclasses.dataclass(frozen=True)
class SplitList:
    """A list of the pictures of a part.

    Attributes:
      source: the file, and the key if it has several, for messages.
      part: `train`, `validation` or `test`.
      entries: names of pictures as they are written.
      folders: existing folders that the list names.
    """

    source: str
    part: str
    entries: list[str]
    folders: list[Path] = dataclasses.field(default_factory=list)


def split_list_files(root: Path) -> list[Path]:
    """Files below a folder, without hidden ones, that may assign pictures to parts."""
    files = files_below(root, *_TEXT, *TABLE_SUFFIXES, ".yaml", ".yml", ".data")
    return [file for file in files if file.suffix.lower() not in _LISTS or part_of_list(file.stem) or is_table(file)]


def read_split_lists(root: Path) -> tuple[list[SplitList], list[str]]:
    """The lists below a folder, and a sentence on each entry or table that cannot be used.

    A text file or a table counts if its name is that of a part (`train.txt`, `ImageSets/Main/val.txt`, `test.csv`) and
    its lines name pictures. A table or JSON file with another name counts if it assigns pictures to parts. VOC's
    `trainval.txt` counts only if there is no `train.txt` beside it.

    Args:
      root: the dataset.
    """
    lists, notes = [], []
    files = split_list_files(root)
    for file in files:
        shown = str(file.relative_to(root))
        suffix = file.suffix.lower()
        if suffix in _TEXT and (part := part_of_list(file.stem)):
            if file.stem.lower() == "trainval" and _has_train_beside(file, files):
                continue
            if entries := _read_lines(file):
                lists.append(SplitList(shown, part, entries))
        elif suffix in TABLE_SUFFIXES or is_table(file):
            parts = parts_in_table(file)
            lists += [SplitList(f"{shown} ({part})", part, named) for part, named in parts.items()]
            if not parts and suffix in _TEXT and _names_pictures(file):
                notes.append(f"{shown} names pictures and no part of a split, and is not read")
        elif suffix == ".data":
            found, missing = _read_darknet(root, file)
            lists += found
            notes += missing
        else:
            found, missing = _read_yaml(root, file)
            lists += found
            notes += missing
    return _once(lists), notes


def _has_train_beside(file: Path, files: Sequence[Path]) -> bool:
    return any(other.parent == file.parent and other.stem.lower() == "train" for other in files)


def _once(lists: list[SplitList]) -> list[SplitList]:
    """Removes duplicates: `obj.data` and `data.yaml` name lists that are also found as files."""
    kept: dict[tuple[str, tuple[str, ...], tuple[Path, ...]], SplitList] = {}
    for each in lists:
        kept.setdefault((each.part, tuple(each.entries), tuple(each.folders)), each)
    return list(kept.values())


def _read_lines(file: Path) -> list[str]:
    """Pictures that a list names; empty if the file is no list, such as labels of a picture called `test`."""
    try:
        text = read_text(file)
    except OSError:
        return []
    if file.suffix.lower() in (".csv", ".tsv"):
        return _pictures_in_table(text)
    if file.suffix.lower() != ".txt" and (cells := _pictures_in_table(text)):
        return cells  # each line may hold a number, a class and a path
    lines = [line.strip().strip("\"'") for line in text.splitlines() if line.strip()]
    if not lines or all(_LABEL_LINE.fullmatch(line) for line in lines):
        return []
    flagged = [_FLAGGED.fullmatch(line) for line in lines]
    if all(flagged):  # VOC's lists of one class: `000012 -1`
        return [match[1] for match in flagged if match]
    return [_without_boxes(line) for line in lines]


def _names_pictures(file: Path) -> bool:
    """Whether a text file contains names of pictures."""
    words = re.split(r"[\s,;\"']+", read_text(file).lower())
    return any(word.endswith(IMAGE_SUFFIXES) for word in words)


def _pictures_in_table(text: str) -> list[str]:
    """The cells of a table that name pictures, without duplicates."""
    cells = (cell.strip().strip("\"'") for line in text.splitlines() for cell in _CELLS.split(line))
    return list(dict.fromkeys(cell for cell in cells if cell.lower().endswith(IMAGE_SUFFIXES)))


def _without_boxes(line: str) -> str:
    """The picture of a line that also has boxes or a class: `a.png 20,15,30,30,0`."""
    match = None if line.lower().endswith(IMAGE_SUFFIXES) else _WITH_BOXES.fullmatch(line)
    return match[1] if match else line


def names_boxes(file: Path) -> bool:
    """Whether the first line of a text file names a picture and its boxes: `a.png 20,15,30,30,0`."""
    try:
        line = next((line.strip() for line in read_text(file).splitlines() if line.strip()), "")
    except OSError:
        return False
    match = None if line.lower().endswith(IMAGE_SUFFIXES) else _WITH_BOXES.fullmatch(line)
    return bool(match and _NUMBERS.search(line[match.end(1) :]))


def _read_darknet(root: Path, file: Path) -> tuple[list[SplitList], list[str]]:
    try:
        text = read_text(file)
    except OSError:
        return [], []
    pairs = (line.split("#")[0].partition("=") for line in text.splitlines())
    values = {key.strip().lower(): value.strip() for key, equals, value in pairs if equals and value.strip()}
    return _read_entries(root, file, values, [file.parent])


def _read_yaml(root: Path, file: Path) -> tuple[list[SplitList], list[str]]:
    try:
        content = yaml.safe_load(read_text(file))
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return [], []
    if not isinstance(content, dict):
        return [], []
    values = {key.lower(): value for key, value in content.items() if isinstance(key, str)}
    path = values.get("path")
    bases = [file.parent / path] if isinstance(path, str) else []
    return _read_entries(root, file, values, [*bases, file.parent])


def _read_entries(
    root: Path, file: Path, values: Mapping[str, object], bases: Sequence[Path]
) -> tuple[list[SplitList], list[str]]:
    """(lists, sentences on missing entries) of the entries for parts: folders, files, or lists of both."""
    lists, missing, shown = [], [], file.relative_to(root)
    for key, value in values.items():
        part = SPLIT_WORDS.get(key, "")
        if not part or not value:
            continue
        entries = [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, str)]
        pictures: list[str] = []
        folders: list[Path] = []
        for entry in entries:
            if entry.lower().endswith(IMAGE_SUFFIXES) and not _ANY_FILE.fullmatch(PurePosixPath(entry).name):
                pictures.append(entry)
                continue
            place = _place_of(root, entry, bases)
            if place is None:
                missing.append(f"{shown}: {key}: {entry} is not there")
            elif place.is_dir():
                folders.append(place)
            else:
                pictures += _read_lines(place)
        if pictures or folders:
            lists.append(SplitList(f"{shown} ({key})", part, pictures, folders))
    return lists, missing


def _place_of(root: Path, entry: str, bases: Sequence[Path]) -> Path | None:
    """The folder or file in the dataset that an entry means, also a path of another machine; None if there is none."""
    plain = entry.strip().replace("\\", "/")
    while "/" in plain and _ANY_FILE.fullmatch(PurePosixPath(plain).name):
        plain = plain.rstrip("/").rpartition("/")[0]
    without_up = re.sub(r"^(\.\.?/)+", "", plain)
    parts = PurePosixPath(without_up).parts
    ends = [root.joinpath(*parts[first:]) for first in range(1, len(parts))]
    whole = [base / tried for base in bases for tried in (plain, without_up)]
    for place in (*whole, root / without_up, *ends):
        try:
            if place.exists() and (inside := _within(root, place)) is not None:
                return root / inside
        except OSError:
            continue
    return None


def _within(root: Path, place: Path) -> Path | None:
    """A path relative to the dataset; None if it is outside. Links within the dataset are not followed."""
    for one, other in ((os.path.abspath(root), os.path.abspath(place)), (root.resolve(), place.resolve())):
        if Path(other).is_relative_to(one):
            return Path(other).relative_to(one)
    return None
