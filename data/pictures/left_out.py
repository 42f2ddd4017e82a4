"""Describes the files that are not read, so that the program mentions all of them."""

import collections
from collections.abc import Sequence
from pathlib import Path

_NAMES_SHOWN = 3
_SUFFIXES_SHOWN = 6


def describe_left_out(files: Sequence[Path], closed: Sequence[Path] = (), own: Sequence[Path] = ()) -> str:
    """Counts files that are not read by suffix, in one line.

    Args:
      files: files that are no pictures, labels or documents.
      closed: folders that cannot be opened.
      own: folders that the program made.

    Returns:
      For example `3 files that are no pictures: 2 .docx (a.docx, b.docx), 1 .mov (c.mov)`; empty if there is nothing.
    """
    by_suffix: dict[str, list[Path]] = collections.defaultdict(list)
    for file in files:
        by_suffix[file.suffix.lower() or "without a suffix"].append(file)
    often = sorted(by_suffix.items(), key=lambda item: (-len(item[1]), item[0]))
    parts = [f"{len(paths):,} {suffix} ({_names(paths)})" for suffix, paths in often[:_SUFFIXES_SHOWN]]
    if len(often) > _SUFFIXES_SHOWN:
        parts.append(f"{sum(len(paths) for _, paths in often[_SUFFIXES_SHOWN:]):,} others")
    lines = []
    if parts:
        lines.append(f"{len(files):,} file{'s that are no pictures' if len(files) > 1 else ' that is no picture'}: ")
        lines[-1] += ", ".join(parts)
    if closed:
        lines.append(f"{len(closed):,} folder{'s' * (len(closed) > 1)} that cannot be opened: {_names(closed)}")
    if own:
        lines.append(f"{len(own):,} folder{'s' * (len(own) > 1)} that this program made: {_names(own)}")
    return "; ".join(lines)


def printable(text: str) -> str:
    """A file's name for one line of any console: line breaks, control characters and invalid bytes are escaped."""
    shown = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
    return shown.encode("utf-8", "backslashreplace").decode()


def _names(paths: Sequence[Path]) -> str:
    names = ", ".join(printable(path.name) for path in paths[:_NAMES_SHOWN])
    return names + (", ..." if len(paths) > _NAMES_SHOWN else "")
