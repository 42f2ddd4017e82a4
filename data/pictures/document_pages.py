"""Reads the pages of image files, TIFF files with several pages and PDF files, whatever their suffixes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from data.pictures.pdf_pages import draw_pdf_page, open_pdf
from data.pictures.reading import beginning_of, frames_that_are_pages, open_image, read_scan, scan_of


def read_pages(path: Path, colour: bool = False) -> Iterator[tuple[str, np.ndarray]]:
    """Yields (name, page) of each page of a file.

    The page is uint8 [H, W], 0 black to 255 white. The name is that of the file without its suffix, with the number of
    the page if there are several.

    Args:
      path: an image or a PDF file.
      colour: whether a page that has colours is uint8 [H, W, 3], red, green and blue.

    Raises:
      BadScan: the file, or a page of it, cannot be read.
    """
    if is_pdf(path):
        with open_pdf(path) as document:
            for number in range(len(document)):
                yield _name(path, number, len(document)), draw_pdf_page(document, number, colour=colour)
        return
    with open_image(path) as image:
        frames = frames_that_are_pages(image, path)
        for number, frame in enumerate(frames):
            if frame or number:
                image.seek(frame)
            yield _name(path, number, len(frames)), scan_of(image, path, colour)


def read_page(path: Path, frame: int = 0) -> np.ndarray:
    """Reads one page of a file.

    Args:
      path: an image or a PDF file.
      frame: which page, from 0.

    Returns:
      uint8 [H, W], 0 black to 255 white.

    Raises:
      BadScan: the file or the page cannot be read, or there is no such page.
    """
    if is_pdf(path):
        with open_pdf(path) as document:
            return draw_pdf_page(document, frame)
    return read_scan(path, frame)


def is_pdf(path: Path) -> bool:
    """Whether a file is a PDF by its content or, unless it begins as a picture does, by its name."""
    start = beginning_of(path)
    return b"%PDF-" in start or (path.suffix.lower() == ".pdf" and not _is_picture(start))


def _is_picture(start: bytes) -> bool:
    return start.startswith((b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF8", b"BM", b"RIFF"))


def _name(path: Path, number: int, pages: int) -> str:
    return path.stem if pages == 1 else f"{path.stem}_page{number + 1}"
