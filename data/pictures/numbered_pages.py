"""Reads every page of a file with its number and its size on paper, and continues after unreadable pages."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from data.pictures.document_pages import is_pdf
from data.pictures.greys import grey_of
from data.pictures.orientation import orientation_in, SIDEWAYS
from data.pictures.pdf_pages import draw_pdf_page, open_pdf, points_of_pdf_page, POINTS_PER_INCH
from data.pictures.reading import BadScan, frames_that_are_pages, open_image, scan_of

_LEAST_DPI, _MOST_DPI = 30, 5000
"""Limits of a plausible resolution in a header."""


@dataclasses.dataclass(frozen=True, eq=False)
class NumberedPage:
    """A page of a document.

    Attributes:
      number: from 1.
      pages: number of pages of the document.
      pixels: uint8 [H, W], 0 black to 255 white; None if it cannot be read.
      colours: the same in red, green and blue, uint8 [H, W, 3]; None if it has no colours.
      points: height and width of a pixel in points, 1/72 inch; None if the file does not specify them.
      reason: why it cannot be read; empty if it can.
    """

    number: int
    pages: int
    pixels: np.ndarray | None
    colours: np.ndarray | None = None
    points: tuple[float, float] | None = None
    reason: str = ""

    @classmethod
    def of_picture(
        cls, number: int, pages: int, picture: np.ndarray, points: tuple[float, float] | None
    ) -> "NumberedPage":
        """A page with the pixels of a picture, uint8 [H, W] or [H, W, 3]."""
        return cls(number, pages, grey_of(picture), picture if picture.ndim == 3 else None, points)


def numbered_pages(path: Path, dpi: float) -> Iterator[NumberedPage]:
    """Yields the pages of an image or PDF file in order.

    Args:
      path: of the file.
      dpi: resolution in dots per inch at which pages of a PDF are rendered.

    Raises:
      BadScan: the file cannot be read at all.
    """
    if is_pdf(path):
        with open_pdf(path) as document:
            pages = len(document)
            for number in range(pages):
                try:
                    height, width = points_of_pdf_page(document, number)
                    picture = draw_pdf_page(document, number, dpi, colour=True)
                except BadScan as error:
                    yield NumberedPage(number + 1, pages, None, reason=str(error))
                    continue
                points = height / picture.shape[0], width / picture.shape[1]
                yield NumberedPage.of_picture(number + 1, pages, picture, points)
        return
    with open_image(path) as image:
        frames = frames_that_are_pages(image, path)
        for number, frame in enumerate(frames, start=1):
            try:
                if frame or number > 1:
                    image.seek(frame)
                of_pixel = _points_of(image)  # before loading, which turns a TIFF
                yield NumberedPage.of_picture(number, len(frames), scan_of(image, path, colour=True), of_pixel)
            except BadScan as error:
                if len(frames) == 1:
                    raise
                yield NumberedPage(number, len(frames), None, reason=str(error))


def _points_of(image: Image.Image) -> tuple[float, float] | None:
    """Height and width in points of a pixel of the upright image; None if the header has no plausible resolution."""
    stated = image.info.get("dpi")
    try:
        across, down = (float(value) for value in stated)  # type: ignore[union-attr]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not all(_LEAST_DPI <= value <= _MOST_DPI for value in (across, down)):
        return None
    if orientation_in(image) in SIDEWAYS:
        across, down = down, across
    return POINTS_PER_INCH / down, POINTS_PER_INCH / across
