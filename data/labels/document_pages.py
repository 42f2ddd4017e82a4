"""Labels of one page of a TIFF or PDF file, by a name that says which: `lease_page2`, `lease.pdf#page=2`."""

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
      frame: which page, from 0; None if labels do not say which of several they mean, or there is no such page.
      problem: why there is no page; empty if there is one.
      from_zero: whether labels name page 0, so that whoever wrote them counts otherwise than we do.
    """

    path: Path
    frame: int | None
    problem: str = ""
    from_zero: bool = False


def page_count_of(path: Path) -> int:
    """Number of pages of a picture or document; 1 if it cannot be read, which is noticed when it is."""
    try:
        status = path.stat()
    except OSError:
        return 1
    return _count(path, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=1 << 17)  # every label of a page of a long document asks
def _count(path: Path, changed: int, size: int) -> int:
    try:
        return frame_count(path)
    except BadScan:
        return 1


def which_of_several(path: Path, count: int) -> str:
    """Why labels of a whole file of several pages are not used, and what to do."""
    return (
        f"it holds {count:,} pages, and its labels do not say which they mean; call them {path.stem}_page1, "
        f"{path.stem}_page2, ..., or save each page as a file of its own"
    )


class DocumentPages:
    """The pages of TIFF and PDF files by what labels may call them.

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
        """The page that a name means, which is not that of a picture.

        Args:
          name: of a label file without its suffix, or what labels call a picture.
          labels: the file that the labels stand in.

        Returns:
          None if it names none; pages count from 1.
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
