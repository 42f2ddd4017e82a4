"""Pictures of turned cameras are shown upright, and boxes turn with the pixels."""

import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from data.pictures.document_pages import read_page
from data.pictures.headers import orientation_of, stored_size_of, upright_size_of
from data.pictures.orientation import turn_boxes, turn_pixels
from data.pictures.reading import BadScan

STORED = np.full((40, 64), 255, np.uint8)
STORED[4:12, 8:32] = 0
STORED[30:34, 50:60] = 128
BOX = np.array([[4 / 40, 8 / 64, 12 / 40, 32 / 64]], np.float32)


def save_turned(path: Path, orientation: object) -> Path:
    image, exif = Image.fromarray(STORED).convert("RGB"), Image.Exif()
    exif[0x0112] = orientation
    if path.suffix == ".tif":
        image.save(path, tiffinfo={0x0112: orientation})
    elif path.suffix == ".webp":
        image.save(path, exif=exif, lossless=True)
    else:
        image.save(path, exif=exif, quality=100)
    return path


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pixels_and_boxes_turn_together(tmp_path: Path, suffix: str, orientation: int):
    path = save_turned(tmp_path / f"photo{suffix}", orientation)
    page = read_page(path)
    assert orientation_of(path) == orientation
    assert stored_size_of(path) == (40, 64)
    assert upright_size_of(path) == page.shape == ((64, 40) if orientation > 4 else (40, 64))
    if suffix != ".tif":  # which Pillow turns as it loads it
        with Image.open(path) as image:
            shown = np.asarray(ImageOps.exif_transpose(image).convert("L"))
        np.testing.assert_array_equal(page, shown)
    np.testing.assert_allclose(page.astype(int), turn_pixels(STORED, orientation), atol=20)
    rows, columns = np.nonzero(page < 60)
    height, width = page.shape
    drawn = [rows.min() / height, columns.min() / width, (rows.max() + 1) / height, (columns.max() + 1) / width]
    turned = turn_boxes(BOX, orientation)
    assert turned.dtype == np.float32
    np.testing.assert_allclose(turned[0], drawn, atol=1e-6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_second_page_of_a_tiff_is_turned_by_its_own_tag(tmp_path: Path, orientation: int):
    path, other = tmp_path / "fax.tif", Image.fromarray(STORED)
    other.encoderinfo = {"tiffinfo": {0x0112: orientation}}
    Image.fromarray(STORED[:30]).save(path, save_all=True, append_images=[other])
    assert orientation_of(path, 1) == orientation
    assert orientation_of(path) == 1
    assert upright_size_of(path, 1) == read_page(path, 1).shape == ((64, 40) if orientation > 4 else (40, 64))
    assert stored_size_of(path, 1) == (40, 64)
    with pytest.raises(BadScan, match="no page 3, only 2"):
        upright_size_of(path, 2)


def test_no_boxes_stay_no_boxes():
    assert turn_boxes(np.zeros((0, 4), np.float32), 6).shape == (0, 4)


def exif_of(orientation: object) -> bytes:
    """EXIF of one entry, of the type that the value has."""
    values = orientation if isinstance(orientation, tuple) else (orientation,)
    kind, count = 3, len(values)
    if isinstance(orientation, str):
        kind, content = 2, orientation.encode() + b"\0"
        count = len(content)
    elif isinstance(orientation, float):
        kind, content = 5, struct.pack("<II", int(orientation), 1)
    else:
        content = struct.pack(f"<{count}H", *values)
    value = content.ljust(4, b"\0") if len(content) <= 4 else struct.pack("<I", 26)
    behind = b"" if len(content) <= 4 else content
    return b"Exif\0\0II*\0" + struct.pack("<IHHHI", 8, 1, 0x0112, kind, count) + value + bytes(4) + behind


@pytest.mark.parametrize("orientation", [3, 6])
def test_an_orientation_is_read_from_one_entry(tmp_path: Path, orientation: int):
    path = tmp_path / "photo.jpg"
    Image.fromarray(STORED).save(path, exif=exif_of(orientation), quality=100)
    assert orientation_of(path) == orientation


@pytest.mark.parametrize("orientation", [0, 9, 65535, "6", "Rotate 90 CW", (6, 6), 6.0])
@pytest.mark.filterwarnings("error")
def test_an_orientation_that_is_none_is_upright(tmp_path: Path, orientation: object):
    path = tmp_path / "photo.jpg"
    Image.fromarray(STORED).save(path, exif=exif_of(orientation), quality=100)
    assert orientation_of(path) == 1
    np.testing.assert_allclose(read_page(path).astype(int), STORED, atol=20)


BROKEN_EXIF = {
    "garbage": b"Exif\0\0" + bytes(range(60)),
    "cut": b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01",
    "no header": b"Exif\0\0",
    "far away": b"Exif\0\0MM\0*\x7f\xff\xff\xff",
    "offset outside": b"Exif\0\0II*\0" + struct.pack("<IHHHII", 8, 1, 0x0112, 2, 400, 90_000),
}


@pytest.mark.parametrize("name", BROKEN_EXIF)
@pytest.mark.filterwarnings("error")
def test_broken_metadata_is_upright_and_gives_no_warning(tmp_path: Path, name: str):
    path = tmp_path / "photo.jpg"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Image.fromarray(STORED).save(path, exif=BROKEN_EXIF[name], quality=100)
    assert orientation_of(path) == 1
    assert read_page(path).shape == STORED.shape


def test_metadata_behind_the_pixels_of_a_png(tmp_path: Path):
    path = tmp_path / "photo.png"
    Image.fromarray(STORED).save(path)
    content = path.read_bytes()
    exif = Image.Exif()
    exif[0x0112] = 6
    chunk = b"eXIf" + exif.tobytes()[6:]
    late = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    path.write_bytes(content[:-12] + late + content[-12:])
    assert orientation_of(path) == 6
    assert read_page(path).shape == upright_size_of(path) == (64, 40)
