"""Pages of image files and PDF files."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.pictures import pdf_pages
from data.pictures.document_pages import read_pages
from data.pictures.pdf_pages import PDF_DPI
from data.pictures.reading import BadScan


def picture(*, width: int = 200, height: int = 300, dark: tuple[int, int]) -> Image.Image:
    """White, with a dark square whose upper left corner is at (row, column)."""
    pixels = np.full((height, width), 255, np.uint8)
    pixels[dark[0] : dark[0] + 40, dark[1] : dark[1] + 40] = 0
    return Image.fromarray(pixels)


def dark_corner(page: np.ndarray) -> tuple[float, float]:
    """Where the dark square begins, as shares of the page."""
    rows, columns = np.nonzero(page < 128)
    return rows.min() / page.shape[0], columns.min() / page.shape[1]


FIRST, SECOND = picture(dark=(30, 20)), picture(dark=(150, 100))


@pytest.mark.parametrize("mode", ["L", "1", "RGB", "RGBA", "P"])
def test_an_image_is_one_page_of_the_files_name(tmp_path: Path, mode: str):
    FIRST.convert(mode).save(tmp_path / "my scan.png")
    ((name, page),) = read_pages(tmp_path / "my scan.png")
    assert name == "my scan"
    assert page.dtype == np.uint8
    np.testing.assert_array_equal(page, np.asarray(FIRST))


def test_a_tiff_of_several_frames_is_numbered(tmp_path: Path):
    path = tmp_path / "fax.tiff"
    FIRST.save(path, save_all=True, append_images=[SECOND, picture(width=120, height=90, dark=(10, 10))])
    pages = dict(read_pages(path))
    assert list(pages) == ["fax_page1", "fax_page2", "fax_page3"]
    np.testing.assert_array_equal(pages["fax_page1"], np.asarray(FIRST))
    np.testing.assert_array_equal(pages["fax_page2"], np.asarray(SECOND))
    assert pages["fax_page3"].shape == (90, 120)


def test_of_an_animation_the_first_frame_is_the_page(tmp_path: Path):
    FIRST.save(tmp_path / "moving.gif", save_all=True, append_images=[SECOND])
    ((name, page),) = read_pages(tmp_path / "moving.gif")
    assert name == "moving"
    assert dark_corner(page) == dark_corner(np.asarray(FIRST))


@pytest.mark.parametrize("suffix", [".pdf", ".PDF"])
def test_a_pdf_is_drawn_page_by_page(tmp_path: Path, suffix: str):
    path = tmp_path / f"lease{suffix}"
    FIRST.save(path, "PDF", save_all=True, append_images=[SECOND], resolution=100)
    pages = dict(read_pages(path))
    assert list(pages) == ["lease_page1", "lease_page2"]
    for page, drawn in zip(pages.values(), (FIRST, SECOND), strict=True):
        assert page.dtype == np.uint8
        assert page.shape == (300 * PDF_DPI // 100, 200 * PDF_DPI // 100)
        assert page.flags.c_contiguous
        assert page.max() == 255
        np.testing.assert_allclose(dark_corner(page), dark_corner(np.asarray(drawn)), atol=0.01)


def test_a_pdf_of_one_page_is_not_numbered(tmp_path: Path):
    FIRST.save(tmp_path / "form.pdf", "PDF", resolution=100)
    ((name, _),) = read_pages(tmp_path / "form.pdf")
    assert name == "form"


def test_a_huge_pdf_page_is_drawn_smaller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    FIRST.save(tmp_path / "poster.pdf", "PDF", resolution=100)
    monkeypatch.setattr(pdf_pages, "MAX_PIXELS", 6000)
    ((_, page),) = read_pages(tmp_path / "poster.pdf")
    assert 5500 < page.size < 6500
    np.testing.assert_allclose(dark_corner(page), dark_corner(np.asarray(FIRST)), atol=0.03)


def broken_files(folder: Path) -> list[Path]:
    FIRST.save(folder / "whole.pdf", "PDF")
    FIRST.save(folder / "whole.png")
    contents = {
        "text.pdf": b"not a PDF",
        "empty.pdf": b"",
        "cut.pdf": (folder / "whole.pdf").read_bytes()[:200],
        "missing_page.pdf": b"%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n"
        b"2 0 obj <</Type/Pages/Count 1/Kids[9 0 R]>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF",
        "text.png": b"no picture",
        "empty.tif": b"",
        "cut.png": (folder / "whole.png").read_bytes()[:-40],
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [*(folder / name for name in contents), folder / "gone.pdf", folder / "gone.png"]


@pytest.mark.parametrize("number", range(9))
def test_what_cannot_be_read_says_so(tmp_path: Path, number: int):
    with pytest.raises(BadScan, match=r"not a readable|no such file"):
        list(read_pages(broken_files(tmp_path)[number]))
