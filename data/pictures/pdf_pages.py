"""Renders pages of PDF files with form fields, annotations, stamps and signatures in fields."""

import contextlib
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2  # type: ignore[import-untyped]
from pypdfium2 import raw

from data.pictures.greys import has_colours
from data.pictures.pdf_units import names_units, user_unit
from data.pictures.pdf_widgets import show_loose_fields
from data.pictures.reading import BadScan, MAX_PIXELS

PDF_DPI = 200
"""Default resolution in dots per inch: twice that of a letter page in a detector's input of 640 pixels."""

POINTS_PER_INCH = 72

_PDFIUM = threading.RLock()
_NO_PAGES = re.compile(rb"/Type\s*/Pages\b[^<>]*/Count\s+0\b|/Count\s+0\b[^<>]*/Type\s*/Pages\b")


class _Document(pypdfium2.PdfDocument):  # type: ignore[misc]
    """An open PDF file.

    Attributes:
      has_units: whether a page of it may specify a unit other than the point.
    """

    has_units = False


@contextlib.contextmanager
def open_pdf(path: Path) -> Iterator[pypdfium2.PdfDocument]:
    """Opens a PDF file with pages. Only one thread at a time has a file open, because PDFium is not thread-safe.

    Raises:
      BadScan: it is missing, damaged or empty, needs a password, or holds a form that only Adobe's programs show.
    """
    with _PDFIUM:
        yield from _opened(path)


def _opened(path: Path) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = _Document(path)
    except FileNotFoundError:
        raise BadScan("no such file") from None
    except OSError as error:
        raise BadScan(f"cannot be read ({(error.strerror or str(error)).lower()})") from None
    except pypdfium2.PdfiumError as error:
        raise BadScan(_why_not_open(path, error)) from None
    try:
        if len(document) == 0:
            raise BadScan("a PDF without pages")
        if _is_empty_xfa(document):
            raise BadScan("a PDF with an XFA form, which only Adobe's programs draw; print it into a new PDF there")
        with contextlib.suppress(pypdfium2.PdfiumError):
            document.init_forms()  # before a page is loaded, or PDFium does not render the fields
        document.has_units = names_units(path)
        yield document
    finally:
        document.close()


def page_count(path: Path) -> int:
    """Number of pages of a PDF file. Raises BadScan as `open_pdf` does."""
    with open_pdf(path) as document:
        return len(document)


def pdf_page_size(path: Path, number: int) -> tuple[int, int]:
    """(height, width) in pixels of the result of `draw_pdf_page`. Raises BadScan as `draw_pdf_page` does."""
    with open_pdf(path) as document, _page(document, number) as page:
        width, height = page.get_size()
        scale = _scale(document, number, page)
    return int(np.ceil(height * scale)), int(np.ceil(width * scale))


def draw_pdf_page(
    document: pypdfium2.PdfDocument, number: int, dpi: float = PDF_DPI, colour: bool = False
) -> np.ndarray:
    """Renders a page, at a lower resolution if it would have more than `MAX_PIXELS`.

    Args:
      document: from `open_pdf`.
      number: of the page, from 0.
      dpi: dots per inch.
      colour: whether a page that has colours is uint8 [H, W, 3], red, green and blue.

    Returns:
      uint8 [H, W], 0 black to 255 white.

    Raises:
      BadScan: there is no such page, or it is damaged.
    """
    with _page(document, number) as page:
        bitmap = page.render(
            scale=_scale(document, number, page, dpi),
            grayscale=not colour,
            rev_byteorder=colour,  # red, green, blue
            may_draw_forms=True,
            draw_annots=True,
        )
        picture = np.array(bitmap.to_numpy())
    if not colour:
        return picture.reshape(picture.shape[:2])
    picture = np.ascontiguousarray(picture[..., :3])
    return picture if has_colours(picture) else picture[..., 0].copy()


@contextlib.contextmanager
def _page(document: pypdfium2.PdfDocument, number: int) -> Iterator[pypdfium2.PdfPage]:
    if not 0 <= number < len(document):
        raise BadScan(f"it has no page {number + 1}, only {len(document)}")
    try:
        page = document[number]
        try:
            if not _has_size(page):  # its crop box lies outside; viewers ignore it then
                page.set_cropbox(*page.get_mediabox())
                page.close()
                page = document[number]
            if show_loose_fields(document, page):
                page.close()
                page = document[number]
            if not _has_size(page):
                raise BadScan(f"not a readable PDF (page {number + 1} has no size)")
            yield page
        finally:
            page.close()
    except pypdfium2.PdfiumError as error:
        raise BadScan(f"not a readable PDF (page {number + 1}: {error})") from None


def _has_size(page: pypdfium2.PdfPage) -> bool:
    return bool(min(page.get_size()) > 0)


def points_of_pdf_page(document: pypdfium2.PdfDocument, number: int) -> tuple[float, float]:
    """(height, width) in points of a page, counted from 0. Raises BadScan as `draw_pdf_page` does."""
    with _page(document, number) as page:
        unit = _unit(document, number)
        width, height = page.get_size()
    return height * unit, width * unit


def _unit(document: pypdfium2.PdfDocument, number: int) -> float:
    """Points per unit of a page."""
    return user_unit(document, number) if getattr(document, "has_units", False) else 1.0


def _scale(document: pypdfium2.PdfDocument, number: int, page: pypdfium2.PdfPage, dpi: float = PDF_DPI) -> float:
    """Pixels per unit of the page."""
    unit = _unit(document, number)
    width, height = (side * unit / POINTS_PER_INCH for side in page.get_size())
    return float(min(dpi, (MAX_PIXELS / max(width * height, 1e-6)) ** 0.5) * unit / POINTS_PER_INCH)


def _why_not_open(path: Path, error: pypdfium2.PdfiumError) -> str:
    content = path.read_bytes()
    if not content:
        return "not a readable PDF (the file is empty)"
    if b"%PDF-" not in content[:1024]:
        return "not a readable PDF (it is something else)"
    if _NO_PAGES.search(content):  # PDFium reports no error, or that of the previous file
        return "a PDF without pages"
    code = getattr(error, "err_code", None)
    if code == raw.FPDF_ERR_PASSWORD:
        return "a PDF that needs a password; save a copy without one"
    if code == raw.FPDF_ERR_SECURITY:
        return "a PDF that is encrypted in a way that cannot be read; save a copy without protection"
    return "not a readable PDF (it is damaged)"


def _is_empty_xfa(document: pypdfium2.PdfDocument) -> bool:
    """Whether the form is described by XFA alone, so that the pages show only a request to wait."""
    kind = document.get_formtype()
    if kind != raw.FORMTYPE_XFA_FOREGROUND:
        return bool(kind == raw.FORMTYPE_XFA_FULL)
    for number in range(len(document)):
        with contextlib.suppress(BadScan), _page(document, number) as page:
            if raw.FPDFPage_GetAnnotCount(page):
                return False
    return True
