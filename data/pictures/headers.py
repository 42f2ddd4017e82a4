"""Reads pages, size and orientation from the header of a picture or PDF file, without decoding it."""

import functools
from pathlib import Path

from data.pictures.document_pages import is_pdf
from data.pictures.orientation import orientation_in, SIDEWAYS, UPRIGHT
from data.pictures.pdf_pages import page_count, pdf_page_size
from data.pictures.reading import BadScan, beginning_of, frames_that_are_pages, open_image, TIFF_STARTS
from data.text_files import file_version


def frame_count(path: Path) -> int:
    """Number of pages: pages of a PDF, pictures of a TIFF without thumbnails and masks, 1 of other files.

    Raises:
      BadScan: a TIFF or PDF cannot be read; other files are not opened.
    """
    if is_pdf(path):
        return page_count(path)
    return len(_pages_of_tiff(path)) if _is_tiff(path) else 1


def orientation_of(path: Path, frame: int = 0) -> int:
    """The EXIF orientation of a picture, 1 to 8.

    Args:
      path: an image or a PDF file.
      frame: which page, from 0.

    Returns:
      The orientation; 1, upright, for PDF files, for unreadable files, and if the tag is missing or broken.
    """
    try:
        if is_pdf(path):
            return UPRIGHT
        if frame and _is_tiff(path):
            return _page_of_tiff(path, frame)[0]
        with open_image(path, frame) as image:
            return orientation_in(image)
    except BadScan:
        return UPRIGHT


def upright_size_of(path: Path, frame: int = 0) -> tuple[int, int]:
    """(height, width) in pixels of the upright picture, the shape of the result of `read_page`.

    Args:
      path, frame: as of `orientation_of`.

    Raises:
      BadScan: the file cannot be read, or has no such page.
    """
    if is_pdf(path):
        return pdf_page_size(path, frame)
    if frame and _is_tiff(path):
        return _page_of_tiff(path, frame)[1]
    with open_image(path, frame) as image:
        size, turned_already = (image.height, image.width), image.format == "TIFF"
    return size[::-1] if orientation_of(path, frame) in SIDEWAYS and not turned_already else size


def stored_size_of(path: Path, frame: int = 0) -> tuple[int, int]:
    """(height, width) in pixels of the picture as stored, before it is turned by its orientation.

    Args:
      path, frame: as of `orientation_of`.

    Raises:
      BadScan: as `upright_size_of`.
    """
    size = upright_size_of(path, frame)
    return size[::-1] if orientation_of(path, frame) in SIDEWAYS else size


def _is_tiff(path: Path) -> bool:
    return beginning_of(path).startswith(TIFF_STARTS)


def _page_of_tiff(path: Path, frame: int) -> tuple[int, tuple[int, int]]:
    pages = _pages_of_tiff(path)
    if frame >= len(pages):
        raise BadScan(f"it has no page {frame + 1}, only {len(pages)}")
    return pages[frame]


def _pages_of_tiff(path: Path) -> list[tuple[int, tuple[int, int]]]:
    """(orientation, upright height and width) of each page; all are read at once, because they form a linked list."""
    try:
        version = file_version(path)
    except OSError as error:
        raise BadScan(f"cannot be read ({(error.strerror or str(error)).lower()})") from None
    return _read_tiff(path, *version)


@functools.lru_cache(maxsize=256)
def _read_tiff(path: Path, changed: int, size: int) -> list[tuple[int, tuple[int, int]]]:
    pages = []
    with open_image(path) as image:
        for number in frames_that_are_pages(image, path):
            image.seek(number)
            pages.append((orientation_in(image), (image.height, image.width)))
    return pages
