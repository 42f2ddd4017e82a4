"""Reads lists of a user's split: text files, tables, `obj.data`, and the entries of `data.yaml`."""

import dataclasses
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import yaml  # type: ignore[import-untyped]

from data.folders import files_below
from data.pictures.image_folder import IMAGE_SUFFIXES
from data.splits.path_names import part_of_list, PARTS, split_of, SPLIT_WORDS
from data.splits.split_tables import parts_in_table, TABLE_SUFFIXES
from data.text_files import read_text

_LABEL_LINE = re.compile(r"\s*-?\d+(\.\d+)?([\s,]+[-+.\deE]+){4,}\s*")
_FLAGGED = re.compile(r"(\S.*?)\s+-?[01]")
_WITH_BOXES = re.compile(rf"(.+?(?:{'|'.join(map(re.escape, IMAGE_SUFFIXES))}))[\s,;].*", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d+(\.\d+)?[\s,;]+){3}\d")
_CELLS = re.compile(r"[,;\t]")
_TEXT = (".txt", ".csv", ".tsv")
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")


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
    return [path for path in files if path.suffix.lower() != ".txt" or part_of_list(path.stem)]


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
        elif suffix in TABLE_SUFFIXES:
            parts = parts_in_table(file)
            lists += [SplitList(f"{shown} ({part})", part, named) for part, named in parts.items()]
            if not parts and suffix in (".csv", ".tsv") and _read_lines(file):
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
    lines = [line.strip().strip("\"'") for line in text.splitlines() if line.strip()]
    if not lines or all(_LABEL_LINE.fullmatch(line) for line in lines):
        return []
    flagged = [_FLAGGED.fullmatch(line) for line in lines]
    if all(flagged):  # VOC's lists of one class: `000012 -1`
        return [match[1] for match in flagged if match]
    return [_without_boxes(line) for line in lines]


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


class Pictures:
    """Finds the picture that an entry of a list means, also by a path of another machine.

    Args:
      names: paths of all pictures within the dataset, with `/`.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._parts = {name: PurePosixPath(name.lower()).parts for name in names}
        self._by_last: dict[str, list[str]] = defaultdict(list)
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for name, parts in self._parts.items():
            self._by_last[parts[-1]].append(name)
            self._by_stem[PurePosixPath(parts[-1]).stem].append(name)

    def find(self, entry: str) -> list[str]:
        """The pictures whose paths share the most last parts with an entry; several if they are equally close.

        Args:
          entry: a path, or a name without suffix, as in VOC's lists.
        """
        parts = tuple(part for part in entry.replace("\\", "/").lower().split("/") if part not in ("", ".", ".."))
        if not parts:
            return []
        last = parts[-1]
        found = self._by_last.get(last) or self._by_last.get(unquote(last))
        if not found and not _SUFFIX.search(last):
            found = self._by_stem.get(last)
        elif not found:
            found = self._by_stem.get(PurePosixPath(last).stem)
        if not found or len(found) == 1:
            return list(found or ())
        agreeing = {name: self._agreement(self._parts[name], parts) for name in found}
        most = max(agreeing.values())
        return [name for name, count in agreeing.items() if count == most]

    @staticmethod
    def _agreement(mine: tuple[str, ...], theirs: tuple[str, ...]) -> int:
        """The number of equal folders, from the file upwards."""
        count = 0
        for one, other in zip(reversed(mine[:-1]), reversed(theirs[:-1]), strict=False):
            if one != other:
                break
            count += 1
        return count


def parts_by_lists(
    root: Path, names: Sequence[str], lists: Sequence[SplitList]
) -> Iterator[tuple[SplitList, list[str], list[str]]]:
    """Finds the pictures of each list.

    Args:
      root: the dataset.
      names: paths of all pictures within it, with `/`.
      lists: from `read_split_lists`.

    Yields:
      (list, names of its pictures, entries without a picture).
    """
    pictures = Pictures(names)
    for each in sorted(lists, key=lambda entry: (PARTS.index(entry.part), entry.source)):
        found, missing = [], []
        for entry in each.entries:
            meant = pictures.find(entry)
            inside = [name for name in meant if split_of(PurePosixPath(name)) == each.part]
            found += inside or meant
            if not meant:
                missing.append(entry)
        for folder in each.folders:
            start = folder.relative_to(root).as_posix()
            found += [name for name in names if start == "." or name.startswith(f"{start}/")]
        yield each, sorted(set(found)), missing
