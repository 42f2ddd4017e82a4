"""Label files as text, whatever wrote them: which there are below a folder, their encoding, their numbers."""

import codecs
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def files_below(root: Path, *suffixes: str) -> list[Path]:
    """Files with one of some suffixes in lower case, such as `.json`, by path.

    Hidden files and folders are passed over. Links to folders are followed, each folder once.
    """
    return sorted(path for path in _walk(root) if path.suffix.lower() in suffixes)


def _walk(root: Path) -> Iterator[Path]:
    seen: set[str] = set()
    starts = [root]  # links wait until all real folders are known, as in data.pictures.image_folder
    while starts:
        links: list[Path] = []
        for start in sorted(starts):
            for folder, folders, names in os.walk(start):
                real = os.path.realpath(folder)
                if real in seen:
                    folders.clear()
                    continue
                seen.add(real)
                folders[:] = [name for name in folders if not name.startswith(".")]
                links += [path for name in folders if (path := Path(folder, name)).is_symlink()]
                paths = (Path(folder, name) for name in names if not name.startswith("."))
                yield from (path for path in paths if path.is_file())
        starts = links


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, UTF-16 or UTF-32, with a byte-order mark or without, or else in Windows-1252.

    Raises:
      OSError: it cannot be read.
    """
    return decode_text(path.read_bytes())


def decode_text(content: bytes) -> str:
    """The same of a file's content."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    head = content[:200]
    if b"\0" in head:  # of Latin letters, UTF-16 has every other byte zero
        encoding = "utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"
        return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def number_of(value: object) -> float | None:
    """A finite number, or one that stands in quotes, also with a decimal comma; None for anything else."""
    if isinstance(value, str):
        text = value.strip()
        if "." not in text and text.count(",") == 1:
            text = text.replace(",", ".")
        if not _NUMBER.fullmatch(text):
            return None
        value = text
    elif not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def key_of(value: object) -> str:
    """An id as text: 7, 7.0, "7" and " 7 " are the same id."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
