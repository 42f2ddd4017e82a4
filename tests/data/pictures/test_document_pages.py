"""Pages of image files and PDF files."""

import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from data.pictures import pdf_pages
from data.pictures.document_pages import read_page, read_pages
from data.pictures.headers import frame_count, upright_size_of
from data.pictures.pdf_pages import PDF_DPI
from data.pictures.pdf_units import names_units
from data.pictures.reading import BadScan


def picture(*, width: int = 200, height: int = 300, dark: tuple[int, int]) -> Image.Image:
    """White, with a dark square whose upper left corner is at (row, column)."""
    pixels = np.full((height, width), 255, np.uint8)
    pixels[dark[0] : dark[0] + 40, dark[1] : dark[1] + 40] = 0
    return Image.fromarray(pixels)


def dark_corner(page: np.ndarray) -> tuple[float, float]:
    """Where the dark square begins, as shares of the page."""
    return tuple(places.min() / side for places, side in zip(np.nonzero(page < 128), page.shape, strict=True))


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


def pdf(*objects: str) -> bytes:
    """A PDF file of objects that are numbered from 1."""
    content, places = b"%PDF-1.7\n", []
    for number, text in enumerate(objects, start=1):
        places.append(len(content))
        content += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    end = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n"
    return content + end.encode() + f"{len(content)}\n%%EOF".encode()


def stream(text: str, entries: str = "") -> str:
    return f"<< {entries} /Length {len(text)} >>\nstream\n{text}\nendstream"


CATALOG, FORM = "<< /Type /Catalog /Pages 2 0 R >>", "/AcroForm << /Fields [5 0 R] /SigFlags 3 >>"
PAGES = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
APPEARANCE = stream("0 g 0 0 60 20 re f", "/Type /XObject /Subtype /Form /BBox [0 0 60 20] /Resources << >>")


def page_of_pdf(entries: str = "") -> str:
    return f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 144 216] /Resources << >> /Contents 4 0 R {entries} >>"


def marked(path: Path, annotation: str, catalog: str = CATALOG) -> tuple[float, float]:
    """Where a PDF is black whose one mark is an annotation, as shares of the page."""
    annotation = f"<< /Type /Annot /Rect [72 108 132 128] /F 4 /P 3 0 R /AP << /N 6 0 R >> {annotation} >>"
    path.write_bytes(pdf(catalog, PAGES, page_of_pdf("/Annots [5 0 R]"), stream(""), annotation, APPEARANCE))
    ((_, page),) = read_pages(path)
    return dark_corner(page)


PLACE = pytest.approx(((216 - 128) / 216, 72 / 144), abs=0.01)
"""Of the upper left corner of the annotation."""


@pytest.mark.parametrize("annotation", ["/Subtype /Stamp", "/Subtype /Ink /InkList [[1 2 3 4]]", "/Subtype /FreeText"])
def test_annotations_are_drawn(tmp_path: Path, annotation: str):
    assert marked(tmp_path / "stamped.pdf", annotation) == PLACE


@pytest.mark.parametrize("kind", ["Sig", "Tx", "Btn /Ff 65536"])
def test_form_fields_are_drawn_as_they_appear(tmp_path: Path, kind: str):
    catalog = CATALOG.replace(">>", f"{FORM} >>")
    assert marked(tmp_path / "signed.pdf", f"/Subtype /Widget /FT /{kind} /T (name)", catalog) == PLACE


@pytest.mark.parametrize("form", ["", "/AcroForm << /Fields [] >>"])
def test_fields_that_no_form_lists_are_drawn_as_other_viewers_do(tmp_path: Path, form: str):
    field = "/Subtype /Widget /FT /Sig /T (name)"
    assert marked(tmp_path / "cut_out.pdf", field, CATALOG.replace(">>", f"{form} >>")) == PLACE
    (tmp_path / "hidden.pdf").write_bytes((tmp_path / "cut_out.pdf").read_bytes().replace(b"/F 4 ", b"/F 2 "))
    assert read_page(tmp_path / "hidden.pdf").min() == 255


def test_an_xfa_form_with_fields_is_drawn(tmp_path: Path):
    catalog = CATALOG.replace(">>", "/AcroForm << /Fields [5 0 R] /XFA [(template) 4 0 R] >> >>")
    assert marked(tmp_path / "static.pdf", "/Subtype /Widget /FT /Sig /T (name)", catalog) == PLACE


WAIT = "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [] /XFA [(template) 4 0 R] >> {} >>"
REFUSED = {
    "XFA": pdf(WAIT.format(""), PAGES, page_of_pdf(), stream("0 0 9 9 re f")),
    "XFA form": pdf(WAIT.format("/NeedsRendering true"), PAGES, page_of_pdf(), stream("0 0 9 9 re f")),
    "without pages": pdf(CATALOG, "<< /Type /Pages /Kids [] /Count 0 >>"),
    "the file is empty": b"",
    "something else": b"<html><body>404</body></html>",
    "damaged": pdf(CATALOG, PAGES)[:40],
}


@pytest.mark.parametrize("words", REFUSED)
def test_a_pdf_that_cannot_be_drawn_says_why(tmp_path: Path, words: str):
    for other in REFUSED.values():  # PDFium remembers the error of the file before
        (tmp_path / "other.pdf").write_bytes(other)
        with pytest.raises(BadScan):
            list(read_pages(tmp_path / "other.pdf"))
        (tmp_path / "file.pdf").write_bytes(REFUSED[words])
        with pytest.raises(BadScan, match=words) as refusal:
            list(read_pages(tmp_path / "file.pdf"))
        assert "\n" not in str(refusal.value)


def test_a_pdf_with_a_password_says_so(tmp_path: Path):
    encryption = f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>"
    content = pdf(CATALOG, PAGES, page_of_pdf(), stream(""), encryption)
    content = content.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 5 0 R /ID [<41> <41>]")
    (tmp_path / "locked.pdf").write_bytes(content)
    with pytest.raises(BadScan, match="needs a password"):
        list(read_pages(tmp_path / "locked.pdf"))


@pytest.mark.parametrize(("entries", "shape"), [("/Rotate 90", (400, 600)), ("/CropBox [0 0 72 72]", (200, 200))])
def test_the_page_is_drawn_as_it_is_shown(tmp_path: Path, entries: str, shape: tuple[int, int]):
    (tmp_path / "page.pdf").write_bytes(pdf(CATALOG, PAGES, page_of_pdf(entries), stream("0 g 0 0 36 36 re f")))
    ((_, page),) = read_pages(tmp_path / "page.pdf")
    assert page.shape == shape == upright_size_of(tmp_path / "page.pdf")


@pytest.mark.parametrize(
    ("unit", "shape"),
    [
        ("", (600, 400)),
        ("/UserUnit 2.5", (1500, 1000)),
        ("/UserUnit 0", (600, 400)),
        ("/UserUnit 0.1", (600, 400)),
        ("/UserUnit 5 0 R", (1500, 1000)),
    ],
)
def test_a_page_in_larger_units_is_as_large_as_it_says(tmp_path: Path, unit: str, shape: tuple[int, int]):
    (tmp_path / "page.pdf").write_bytes(pdf(CATALOG, PAGES, page_of_pdf(unit), stream("0 g 0 0 36 36 re f"), "2.5"))
    ((_, page),) = read_pages(tmp_path / "page.pdf")
    assert page.shape == shape == upright_size_of(tmp_path / "page.pdf")
    assert dark_corner(page) == pytest.approx((180 / 216, 0), abs=0.01)


def test_a_page_in_very_large_units_is_drawn_smaller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_pages, "MAX_PIXELS", 60_000)
    (tmp_path / "page.pdf").write_bytes(pdf(CATALOG, PAGES, page_of_pdf("/UserUnit 1000"), stream("0 g 0 0 9 9 re f")))
    ((_, page),) = read_pages(tmp_path / "page.pdf")
    assert page.shape == (300, 200)


def test_units_in_packed_objects_are_found(tmp_path: Path):
    packed = zlib.compress(b"3 0 << /Type /Page /UserUnit 2 >>")
    for name, content in (("with.pdf", packed), ("without.pdf", zlib.compress(b"3 0 << /Type /Page >>"))):
        (tmp_path / name).write_bytes(b"4 0 obj << /Type /ObjStm /N 1 >>\nstream\n" + content + b"\nendstream")
    assert names_units(tmp_path / "with.pdf")
    assert not names_units(tmp_path / "without.pdf")


def test_a_crop_box_beside_the_page_does_not_count(tmp_path: Path):
    crop = page_of_pdf("/CropBox [900 900 999 999]")
    (tmp_path / "page.pdf").write_bytes(pdf(CATALOG, PAGES, crop, stream("0 g 0 0 36 36 re f")))
    ((_, page),) = read_pages(tmp_path / "page.pdf")
    assert page.shape == (600, 400)
    assert dark_corner(page) == pytest.approx((180 / 216, 0), abs=0.01)


def test_a_file_is_what_it_holds_whatever_its_name(tmp_path: Path):
    FIRST.save(tmp_path / "page.pdf", "PDF")
    (tmp_path / "page.pdf").rename(tmp_path / "really_a_pdf.png")
    FIRST.save(tmp_path / "really_a_jpeg.tif", "JPEG", quality=100)
    FIRST.save(tmp_path / "really_a_png.pdf", "PNG")
    for path in sorted(tmp_path.iterdir()):
        ((name, page),) = read_pages(path)
        assert name == path.stem
        np.testing.assert_allclose(dark_corner(page), dark_corner(np.asarray(FIRST)), atol=0.01)


def test_thumbnails_and_masks_in_a_tiff_are_no_pages(tmp_path: Path):
    path, small = tmp_path / "scan.tif", picture(width=20, height=30, dark=(3, 3))
    with TiffImagePlugin.AppendingTiffWriter(str(path), True) as file:
        for image, kind in (
            (small, {254: 1}),
            (FIRST, {254: 2}),
            (FIRST, {254: 4}),
            (SECOND, {255: 3}),
            (small, {255: 2}),
        ):
            image.save(file, "TIFF", tiffinfo=kind)
            file.newFrame()
    assert frame_count(path) == 2
    pages = dict(read_pages(path))
    np.testing.assert_array_equal(pages["scan_page1"], np.asarray(FIRST))
    np.testing.assert_array_equal(pages["scan_page2"], np.asarray(SECOND))
    np.testing.assert_array_equal(read_page(path, 1), np.asarray(SECOND))
    with pytest.raises(BadScan, match="no page 3, only 2"):
        read_page(path, 2)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "MPO"])
def test_of_several_pictures_that_are_no_pages_the_first_is_read(tmp_path: Path, kind: str):
    path = tmp_path / "photo.jpg"
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100} if kind == "MPO" else {}
    FIRST.save(path, kind, save_all=True, append_images=[SECOND], **options)
    assert frame_count(path) == 1
    ((_, page),) = read_pages(path)
    np.testing.assert_allclose(dark_corner(page), dark_corner(np.asarray(FIRST)), atol=0.01)


def test_threads_may_draw_at_once(tmp_path: Path):
    path = tmp_path / "lease.pdf"
    FIRST.save(path, "PDF", save_all=True, append_images=[SECOND] * 3, resolution=100)
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda number: read_page(path, number % 4), range(16)))
    for number, page in enumerate(pages):
        np.testing.assert_array_equal(page, pages[number % 4])
