"""HEIC pictures, which an optional package reads."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from data.pictures import reading
from data.pictures.document_pages import read_page
from data.pictures.headers import upright_size_of
from data.pictures.reading import BadScan

PICTURE = Image.new("L", (216, 160), 255)
ImageDraw.Draw(PICTURE).rectangle((150, 100, 190, 140), fill=0)


def dark_corner(page: np.ndarray) -> tuple[float, float]:
    """Where the dark square begins, as shares of the page."""
    rows, columns = np.nonzero(page < 128)
    return rows.min() / page.shape[0], columns.min() / page.shape[1]


def test_heic_names_the_package_that_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "photo.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    monkeypatch.setattr(reading, "_HEIF_IS_READ", False)
    with pytest.raises(BadScan, match="a HEIC picture, which needs one more package:  pip install pillow-heif"):
        read_page(tmp_path / "photo.heic")


@pytest.mark.parametrize("orientation", [None, 1, 6])
def test_heic_is_read_where_the_package_is_installed(tmp_path: Path, orientation: int | None):
    pytest.importorskip("pillow_heif")
    path = tmp_path / "photo.heic"
    exif = Image.Exif()
    exif[0x0112] = orientation
    PICTURE.convert("RGB").save(path, quality=95, **({"exif": exif} if orientation else {}))  # which turns the pixels
    assert upright_size_of(path) == read_page(path).shape
    with Image.open(path) as image:
        np.testing.assert_allclose(dark_corner(read_page(path)), dark_corner(np.asarray(image.convert("L"))), atol=0.01)


def test_damaged_heic_is_said_to_be_damaged(tmp_path: Path):
    pytest.importorskip("pillow_heif")
    (tmp_path / "photo.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    with pytest.raises(BadScan, match="not a readable HEIC picture"):
        read_page(tmp_path / "photo.heic")
