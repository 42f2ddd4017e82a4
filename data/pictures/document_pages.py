"""The pages of what people have: image files, of several frames too, and PDF files."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image

from data.pictures.reading import BadScan, MAX_PIXELS, read_scan

PDF_DPI = 200
"""Dots an inch that PDF pages are drawn at: twice what a detector of 640 pixels sees of a letter page."""

POINTS_PER_INCH = 72


def read_pages(path: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Yields (name, page) of a file: uint8 [H, W], 0 black to 255 white; the name has the page's number if there are
    several.

    Raises:
      BadScan: the file, or a page of it, cannot be read.
    """
    if path.suffix.lower() == ".pdf":
        yield from _pdf_pages(path)
    else:
        yield from _image_pages(path)


def _pdf_pages(path: Path) -> Iterator[tuple[str, np.ndarray]]:
    try:
        document = pypdfium2.PdfDocument(path)
    except (pypdfium2.PdfiumError, OSError) as error:
        raise BadScan(f"not a readable PDF ({error})") from None
    try:
        for number in range(len(document)):
            name = path.stem if len(document) == 1 else f"{path.stem}_page{number + 1}"
            yield name, _pdf_page(document, number)
    finally:
        document.close()


def _pdf_page(document: pypdfium2.PdfDocument, number: int) -> np.ndarray:
    try:
        page = document[number]
        width, height = (side / POINTS_PER_INCH for side in page.get_size())
        dpi = min(PDF_DPI, (MAX_PIXELS / max(width * height, 1e-6)) ** 0.5)
        picture = page.render(scale=dpi / POINTS_PER_INCH, grayscale=True).to_numpy()
    except pypdfium2.PdfiumError as error:
        raise BadScan(f"not a readable PDF (page {number + 1}: {error})") from None
    return np.ascontiguousarray(picture.reshape(picture.shape[:2]))


def _image_pages(path: Path) -> Iterator[tuple[str, np.ndarray]]:
    first = read_scan(path)
    with Image.open(path) as image:
        frames = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
    yield (path.stem if frames == 1 else f"{path.stem}_page1"), first
    for frame in range(1, frames):
        yield f"{path.stem}_page{frame + 1}", read_scan(path, frame)
