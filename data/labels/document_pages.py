"""Finds the page of a TIFF or PDF file that a name in labels means: `lease_page2`, `lease.pdf#page=2`."""

import dataclasses
import functools
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from data.labels.picture_names import PictureNames
from data.pictures.headers import frame_count
from data.pictures.reading import BadScan
from data.splits.path_names import folded, PAGE_WORDS
from data.text_files import file_version

DOCUMENT_SUFFIXES = (".tif", ".tiff", ".pdf")
COUNT_FROM_ONE = "name the pages of all such files from 1 on: these boxes may all be a page off"

_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")
_NAMED = re.compile(rf"(.+?)[-_. (\[]+(?:{PAGE_WORDS})[-_. ]*(\d+)[)\]]?", re.IGNORECASE)
_ADDRESSED = re.compile(r"(.+?)[#?]page=(\d+)", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class DocumentPage:
    """A page of a file.

    Attributes:
      path: of the file.
      frame: index of the page, from 0; None if the name does not say which of several, or there is no such page.
      problem: why there is no page; empty if there is one.
      from_zero: whether the name has page number 0, so that its numbers do not count from 1.
    """

    path: Path
    frame: int | None
    problem: str = ""
    from_zero: bool = False


def page_count_of(path: Path) -> int:
    """Number of pages of a picture or document; 1 if it cannot be read, which is reported when its pixels are read."""
    try:
        version = file_version(path)
    except OSError:
        return 1
    return _count(path, *version)


@functools.lru_cache(maxsize=1 << 17)  # called for every label of a page of a long document
def _count(path: Path, changed: int, size: int) -> int:
    try:
        return frame_count(path)
    except BadScan:
        return 1


def which_of_several(path: Path, count: int) -> str:
    """The reason why labels of a whole file of several pages are not used, with the remedy."""
    return (
        f"it holds {count:,} pages, and its labels do not say which they mean; call them {path.stem}_page1, "
        f"{path.stem}_page2, ..., or save each page as a file of its own"
    )


class DocumentPages:
    """Finds the pages of TIFF and PDF files by the names that labels use.

    Args:
      names: of the pictures.
      documents: PDF files.
    """

    def __init__(self, names: PictureNames, documents: Sequence[Path] = ()) -> None:
        self._names = names
        self._by_stem: dict[str, list[Path]] = {}
        files = [*documents, *(path for path in names.pictures if path.suffix.lower() in DOCUMENT_SUFFIXES)]
        for path in files:
            self._by_stem.setdefault(folded(path.stem), []).append(path)

    def find(self, name: str, labels: Path) -> DocumentPage | None:
        """Finds the page of a document that a name means. Page numbers count from 1.

        Args:
          name: of a label file without its suffix, or of a picture in the labels.
          labels: the file that holds the labels.

        Returns:
          The page; None if the name means no page of a document.
        """
        if not self._by_stem:
            return None
        last = PurePosixPath(unquote(name).replace("\\", "/")).name
        addressed = _ADDRESSED.fullmatch(last)
        stem = _SUFFIX.sub("", addressed[1] if addressed else last)
        if not addressed and (whole := self._file(stem, labels)):
            count = page_count_of(whole)
            return DocumentPage(whole, 0) if count == 1 else DocumentPage(whole, None, which_of_several(whole, count))
        named = _NAMED.fullmatch(stem)
        base, number = (stem, int(addressed[2])) if addressed else (named[1], int(named[2])) if named else ("", 0)
        path = self._file(base, labels) if base else None
        if path is None:
            return None
        count = page_count_of(path)
        if not 1 <= number <= count:
            problem = f"{path.name} has no page {number}: pages count from 1 to {count:,}"
            return DocumentPage(path, None, problem, from_zero=number == 0 and count > 1)
        return DocumentPage(path, number - 1)

    def _file(self, stem: str, labels: Path) -> Path | None:
        found = self._names.nearest(self._by_stem.get(folded(stem), []), labels)
        return found[0] if len(found) == 1 else None
