"""Reads `UserUnit` of PDF pages, the points per unit of their sizes, which PDFium does not read."""

import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]

_KEY = b"/UserUnit"
_STATED = re.compile(rb"/Type\s*/Page\s*/UserUnit\s+(?:(\d+)\s+\d+\s+R\b|(\d+\.?\d*|\.\d+))")
"""A page as PDFium writes it, with sorted keys: the unit, or the number of the object that holds it."""

_PACKED = re.compile(rb"/Type\s*/ObjStm\b")
_STREAM = re.compile(rb"stream\r?\n")
_LONGEST_HEAD = 500
_MOST = 75_000.0
"""The largest unit that Adobe's programs accept."""


def names_units(path: Path) -> bool:
    """Whether a page of a PDF file may specify a unit, also in packed objects; False if the file cannot be read."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return _KEY in content or any(_KEY in text for text in _packed_objects(content))


def user_unit(document: pypdfium2.PdfDocument, number: int) -> float:
    """The unit of a page, 1 unless the page specifies a larger one.

    PDFium keeps the entry when it copies a page to another document, so the function reads it in the bytes of a copy.

    Args:
      document: open.
      number: of the page, from 0.
    """
    copy = pypdfium2.PdfDocument.new()
    try:
        copy.import_pages(document, [number])
        written = io.BytesIO()
        copy.save(written)
    except pypdfium2.PdfiumError:
        return 1.0
    finally:
        copy.close()
    unit = _stated_unit(written.getvalue())
    return min(max(unit, 1.0), _MOST)


def _stated_unit(content: bytes) -> float:
    """The unit that a file of one page specifies; 1 if it specifies none."""
    found = _STATED.search(content)
    if found and found[1]:
        found = re.search(rb"\b%s \d+ obj\s+()(\d+\.?\d*|\.\d+)\s" % found[1], content)
    return float(found[2]) if found else 1.0


def _packed_objects(content: bytes) -> Iterator[bytes]:
    for head in _PACKED.finditer(content):
        start = _STREAM.search(content, head.end(), head.end() + _LONGEST_HEAD)
        if start:
            try:
                yield zlib.decompressobj().decompress(content[start.end() :])
            except zlib.error:
                continue
