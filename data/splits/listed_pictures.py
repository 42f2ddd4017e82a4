"""Finds the pictures that the entries of lists mean, also by paths of another machine."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from data.splits.path_names import PARTS, split_of
from data.splits.split_lists import SplitList

_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")


class Pictures:
    """Finds the picture that an entry of a list means, also by a path of another machine.

    Args:
      names: paths of all pictures within the dataset, with `/`.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._parts = {name: PurePosixPath(name.lower()).parts for name in names}
        self._by_last: dict[str, list[str]] = defaultdict(list)
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        self._by_number: dict[int, list[str]] = defaultdict(list)
        for name, parts in self._parts.items():
            self._by_last[parts[-1]].append(name)
            self._by_stem[stem := PurePosixPath(parts[-1]).stem].append(name)
            if stem.isdecimal():
                self._by_number[int(stem)].append(name)

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
            if not found and last.isdecimal():  # numbers in JSON have no leading zeros
                found = self._by_number.get(int(last))
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
