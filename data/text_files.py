"""Reads text files of users, in any usual encoding."""

import codecs
from pathlib import Path

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def file_version(path: Path) -> tuple[int, int]:
    """(modification time in nanoseconds, size in bytes) of a file: part of the key of a cache of its content.

    Raises:
      OSError: the file does not exist or cannot be examined.
    """
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, UTF-16 or UTF-32, with a byte-order mark or without, or else in Windows-1252.

    Raises:
      OSError: it cannot be read.
    """
    return decode_text(path.read_bytes())


def decode_text(content: bytes) -> str:
    """The text of a file's content, see `read_text`."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    head = content[:200]
    if b"\0" in head:  # in UTF-16, every other byte of Latin letters is zero
        encoding = "utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"
        return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
