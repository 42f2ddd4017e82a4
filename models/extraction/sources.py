"""The files of an extraction, and their names in the results."""

import dataclasses
from collections.abc import Container, Mapping, Sequence
from pathlib import Path

from data.folders import may_be_file, walk_files
from data.own_files import free_name
from data.pictures.image_folder import IMAGE_SUFFIXES
from data.pictures.left_out import describe_left_out, printable
from data.pictures.numbered_pages import numbered_pages
from data.pictures.reading import BadScan

SUFFIXES = (*IMAGE_SUFFIXES, ".pdf")

_LONGEST_STEM = 120
"""Bytes, so that the names of results stay below the 255 of file systems."""


@dataclasses.dataclass(frozen=True)
class Source:
    """A file to extract from.

    Attributes:
      path: of the file.
      name: its path below the input, with `/`.
      stem: prefix of the names of its results.
    """

    path: Path
    name: str
    stem: str


def find_sources(path: Path, output: Path) -> tuple[list[Path], str]:
    """The files below a path, and a line on those that are left out.

    Args:
      path: a file, whatever its name, or a folder, whose folders are searched too, except those that the program made.
      output: of the extraction; files inside it are not sources.

    Returns:
      (files that end as pictures and PDF files do, by path; what is left out, empty if nothing is).
    """
    if path.is_file():
        return [path], ""
    inside = output.resolve()
    is_below = path.resolve() in inside.parents
    closed: list[Path] = []
    own: list[Path] = []
    found = sorted(walk_files(path, lambda error: closed.append(Path(error.filename)), own.append))
    own = [folder for folder in sorted(own) if not (is_below and folder.resolve() == inside)]
    found = [file for file in found if not (is_below and inside in file.resolve().parents)]
    files = [file for file in found if file.suffix.lower() in SUFFIXES and may_be_file(file)]
    known = set(files)
    return files, describe_left_out([file for file in found if file not in known], closed, own)


def name_sources(files: Sequence[Path], path: Path, stems: Mapping[str, str]) -> list[Source]:
    """Names files in the results.

    Args:
      files: from `find_sources`.
      path: the input.
      stems: those of files that are in the journal, by name; they keep them.
    """
    names = [file.relative_to(path).as_posix() if file != path else file.name for file in files]
    taken = {stems[name] for name in names if name in stems}
    sources = []
    for file, name in zip(files, names, strict=True):
        stem = stems.get(name) or _free_stem(name, taken)
        taken.add(stem)
        sources.append(Source(file, name, stem))
    return sources


def unreadable(file: Path) -> str:
    """Why the first page of a file cannot be read; empty if it can."""
    try:
        next(numbered_pages(file, dpi=72), None)
    except BadScan as error:
        return str(error)
    return ""


def _free_stem(name: str, taken: Container[str]) -> str:
    """A stem for the results of a file that no other file has; its suffix, then a number, makes it unique."""
    before, dot, suffix = name.rpartition(".")
    stem = _plain(before if dot and before else name)
    return free_name([stem, _plain(f"{stem}_{suffix}") if dot else stem], taken)


def _plain(text: str) -> str:
    """A name for files: no folders, nothing that does not print, not too long."""
    shown = printable(text.replace("/", "_")).replace("\\", "_").lstrip(".") or "file"
    return shown.encode()[:_LONGEST_STEM].decode(errors="ignore")
