"""Finds the picture that a name in labels means: a path of another machine, an address, or another spelling."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qs, unquote

from data.pictures.image_folder import IMAGE_SUFFIXES
from data.splits.path_names import folded, split_of

NO_PICTURE = "its picture is not there"
SEVERAL_PICTURES = "its picture is there several times"

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/+")
_UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-(?=.)")
"""Label Studio's prefix of the names of uploaded files."""

_PAGE_ADDRESS = re.compile(r"\.(?:tiff?|pdf)[#?]page=\d+$", re.IGNORECASE)
"""A name that means a page of a file, see `data.labels.document_pages`."""

LABEL_FOLDERS = ("labels", "annotations")
PICTURE_FOLDERS = ("images", "jpegimages")


class PictureNames:
    """Finds the pictures of a folder by the names that labels use.

    Args:
      root: the folder.
      pictures: files below it. No other file is ever found.
    """

    def __init__(self, root: Path, pictures: Sequence[Path]) -> None:
        self.root = root
        self.pictures = list(pictures)
        self._by_path: dict[str, list[Path]] = {}
        self._by_name: dict[str, list[Path]] = {}
        self._by_stem: dict[str, list[Path]] = {}
        self._by_place: dict[str, list[Path]] = {}
        for path in pictures:
            self._by_path.setdefault(folded(path.relative_to(root).as_posix()), []).append(path)
            self._by_name.setdefault(folded(path.name), []).append(path)
            self._by_stem.setdefault(folded(path.stem), []).append(path)
            self._by_place.setdefault(folded(path.relative_to(root).with_suffix("").as_posix()), []).append(path)
        self._known = set(pictures)

    def with_stem(self, name: str) -> list[Path]:
        """Pictures with a name, with or without its suffix, in any case."""
        for form in dict.fromkeys((name, unquote(name), _UPLOAD_PREFIX.sub("", name, count=1))):
            if found := self._by_stem.get(folded(form)) or self._by_name.get(folded(form)):
                return found
        return []

    def at_place_of(self, labels: Path) -> list[Path]:
        """Pictures at the path of a label file: beside it, or below `images/` for a label file below `labels/`."""
        parts = labels.relative_to(self.root).with_suffix("").parts
        places = [parts]
        for number, part in enumerate(parts[:-1]):
            if part.lower() in LABEL_FOLDERS:
                places += [(*parts[:number], other, *parts[number + 1 :]) for other in PICTURE_FOLDERS]
        for decode in (str, unquote):
            for place in places:
                path = "/".join((*place[:-1], decode(place[-1])))
                if found := self._by_place.get(folded(path)) or self._by_path.get(folded(path)):
                    return found
        return []

    def nearest(self, pictures: Sequence[Path], labels: Path) -> list[Path]:
        """Of several pictures with one name, those whose folders match a label file best; all if none matches best.

        Two parts of a split may both begin at `0001`, with labels in a folder of any name: `train/img`, `train/txt`.
        """
        mine = labels.relative_to(self.root).parent
        places = {path: path.relative_to(self.root).parent for path in pictures}
        part = split_of(mine / "file")
        same_part = [path for path in pictures if part and split_of(places[path] / "file") == part]
        found = same_part or list(pictures)
        for common in (_common_start, _common_end):
            shared = {path: common(_folded_parts(mine), places[path].parts) for path in found}
            found = [path for path in found if shared[path] == max(shared.values())]
        return found

    def find(self, name: str, labels: Path) -> tuple[Path | None, str]:
        """Finds a picture by a path from the labels' folder, then from the root, then by the last parts of the path.

        Args:
          name: as the labels write it.
          labels: the file that holds it.

        Returns:
          (picture, "") or (None, why there is none).
        """
        if _PAGE_ADDRESS.search(name):
            return None, NO_PICTURE
        spellings = list(_spellings(name))
        for spelling in spellings:
            for found in self._at(spelling, labels.parent):
                if len(found) == 1:
                    return found[0], ""
                if found:
                    return None, self._several(found)
        for spelling in spellings:
            if found := self._by_last_parts(spelling, labels):
                return (found[0], "") if len(found) == 1 else (None, self._several(found))
        return None, NO_PICTURE

    def _at(self, name: str, nearest: Path) -> Iterator[list[Path]]:
        """Pictures at a path from the labels' folder and from the root, first in exact spelling, then in any case."""
        base = nearest.relative_to(self.root) if nearest.is_relative_to(self.root) else Path()
        paths = [path for path in (_normalised(base / name), _normalised(Path(name))) if ".." not in path.parts]
        for path in paths:
            yield [self.root / path] if self.root / path in self._known else []
        for path in paths:
            yield self._by_path.get(folded(path.as_posix()), [])

    def _by_last_parts(self, name: str, labels: Path) -> list[Path]:
        """The pictures whose paths share the most last parts with a name."""
        parts = [folded(part) for part in PurePosixPath(name).parts]
        called = self._by_name.get(parts[-1], []) if parts else []
        if not called and parts and (prefix := _UPLOAD_PREFIX.match(parts[-1])):
            called = self._by_name.get(parts[-1][prefix.end() :], [])
        if not called and parts and "." not in parts[-1]:  # some tools leave the suffix out
            called = self._by_stem.get(parts[-1], [])
        if not called and parts and PurePosixPath(parts[-1]).suffix in IMAGE_SUFFIXES:  # the format may have changed
            alike = self._by_stem.get(PurePosixPath(parts[-1]).stem, [])
            called = alike if len(alike) == 1 else []
        if len(called) < 2:
            return called
        common = {path: _common_end(parts, path.relative_to(self.root).parts) for path in called}
        closest = [path for path in called if common[path] == max(common.values())]
        words = set(re.split(r"[^a-z0-9]+", labels.stem.lower()))
        narrower = (
            [path for path in closest if path.is_relative_to(labels.parent)],
            [path for path in closest if words & {part.lower() for part in path.relative_to(self.root).parts[:-1]}],
            [path for path in closest if path.name == PurePosixPath(name).name],
            self.nearest(closest, labels),
        )
        return next((found for found in narrower if len(found) == 1), closest)

    def _several(self, found: Sequence[Path]) -> str:
        shown = ", ".join(path.relative_to(self.root).as_posix() for path in found[:3])
        return f"{SEVERAL_PICTURES} ({shown})"


def _normalised(path: Path) -> Path:
    """A path without `..`, without looking at the file system."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        else:
            parts.append(part)
    return Path(*parts)


def _folded_parts(path: Path) -> list[str]:
    return [folded(part) for part in path.parts]


def _common_start(one: Sequence[str], other: Sequence[str]) -> int:
    return _common_end(one[::-1], other[::-1])


def _common_end(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for mine, theirs in zip(reversed(one), reversed([folded(part) for part in other]), strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _spellings(name: str) -> Iterator[str]:
    """The paths that a name may mean, the most literal first."""
    plain = name.strip().replace("\0", "").replace("\\", "/")
    forms = [name.replace("\0", ""), plain]
    address = _SCHEME.sub("", plain, count=1)
    path, _, query = address.partition("?")
    forms += parse_qs(query).get("d", []) if query else []  # Label Studio: /data/local-files/?d=images/a.png
    forms += [unquote(plain), unquote(path), unquote(path.partition("#")[0])]
    for form in dict.fromkeys(form.replace("\\", "/") if form != name else form for form in forms):
        relative = form.lstrip("/") if form.startswith("/") else form
        if PurePosixPath(relative).name:
            yield relative
