"""Pages with their numbers and their size on paper."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.pictures.numbered_pages import numbered_pages
from data.pictures.reading import BadScan


def picture(width: int = 300, height: int = 200) -> Image.Image:
    grey = np.full((height, width), 250, np.uint8)
    grey[50:60, 20:200] = 10
    return Image.fromarray(grey)


def test_a_picture_with_and_without_a_resolution(tmp_path: Path):
    picture().save(tmp_path / "a.png", dpi=(144, 72))
    (page,) = numbered_pages(tmp_path / "a.png", 200)
    assert (page.number, page.pages, page.pixels.shape) == (1, 1, (200, 300))
    assert page.points == pytest.approx((1.0, 0.5), rel=1e-3)
    picture().save(tmp_path / "b.png")
    assert next(numbered_pages(tmp_path / "b.png", 200)).points is None


def test_a_picture_on_its_side_is_upright_with_its_resolution(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture().save(tmp_path / "a.jpg", dpi=(144, 72), exif=exif)
    (page,) = numbered_pages(tmp_path / "a.jpg", 200)
    assert page.pixels.shape == (300, 200)
    assert page.points == pytest.approx((0.5, 1.0), rel=1e-2)


@pytest.mark.parametrize("dpi", [(0, 0), (1, 1), (99999, 99999)])
def test_a_resolution_that_cannot_be_is_none(tmp_path: Path, dpi: tuple[int, int]):
    picture().save(tmp_path / "a.jpg", dpi=dpi)
    assert next(numbered_pages(tmp_path / "a.jpg", 200)).points is None


@pytest.mark.parametrize("name", ["a.tif", "a.pdf"])
def test_documents_of_many_pages(tmp_path: Path, name: str):
    pages = [picture(), picture(width=400), picture()]
    options = {"dpi": (100, 100)} if name.endswith("tif") else {"resolution": 100}
    pages[0].convert("RGB").save(tmp_path / name, save_all=True, append_images=pages[1:], **options)
    read = list(numbered_pages(tmp_path / name, 200))
    assert [(page.number, page.pages) for page in read] == [(1, 3), (2, 3), (3, 3)]
    scale = 2 if name.endswith("pdf") else 1
    assert read[1].pixels.shape == (200 * scale, 400 * scale)
    assert read[1].points == pytest.approx((0.72 / scale, 0.72 / scale), rel=1e-3)


def test_a_pdf_is_drawn_at_the_dots_asked_for(tmp_path: Path):
    picture().save(tmp_path / "a.pdf", resolution=100)
    sizes = {dpi: next(numbered_pages(tmp_path / "a.pdf", dpi)).pixels.shape for dpi in (50, 300)}
    assert sizes[50] == (100, 150)
    assert sizes[300] == pytest.approx((600, 900), abs=1)


def test_a_page_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path):
    pages = [picture(), Image.effect_noise((300, 200), 90), picture()]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:], compression="tiff_adobe_deflate")
    with Image.open(tmp_path / "a.tif") as image:
        image.seek(1)
        (start, *_) = image.tag_v2[273]  # StripOffsets
    whole = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(whole[:start] + b"\xff" * 900 + whole[start + 900 :])
    read = list(numbered_pages(tmp_path / "a.tif", 200))
    assert [page.pixels is not None for page in read] == [True, False, True]
    assert "not a readable image" in read[1].reason


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(BadScan):
        list(numbered_pages(tmp_path / "a.png", 200))


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pdf"])
def test_a_page_has_its_colours_beside_its_greys(tmp_path: Path, name: str):
    colours = np.full((200, 300, 3), 250, np.uint8)
    colours[80:120, 20:200] = 20, 40, 200
    pictures = [Image.fromarray(colours), picture().convert("RGB")]
    options = {} if name.endswith("png") else {"save_all": True, "append_images": pictures[1:]}
    pictures[0].save(tmp_path / name, quality=100, subsampling=0, **options)
    pages = list(numbered_pages(tmp_path / name, 72))
    assert pages[0].pixels.shape == (200, 300)
    np.testing.assert_allclose(pages[0].colours[100, 100].astype(int), (20, 40, 200), atol=6)
    assert pages[0].pixels[100, 100] == pytest.approx(0.299 * 20 + 0.587 * 40 + 0.114 * 200, abs=6)
    assert all(page.colours is None for page in pages[1:])
