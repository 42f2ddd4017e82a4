"""PNG files of eight grey bits, decoded by OpenCV: the same pixels, and the same refusals, as by Pillow."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.pictures.grey_png import decode_grey_png
from data.pictures.png_chunks import chunk
from data.pictures.reading import BadScan, read_scan


def of_rows(rows: bytes, width: int, height: int, extra: bytes = b"", interlace: int = 0) -> bytes:
    """A PNG of filtered rows."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, interlace)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def decode(content: bytes) -> np.ndarray | None:
    with Image.open(io.BytesIO(content)) as image:
        return decode_grey_png(image, content)


def by_pillow(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image)


@pytest.mark.parametrize("width", [1, 7, 33, 640])
def test_pixels_are_those_of_pillow_for_every_filter(width: int):
    rng = np.random.default_rng(width)
    content = of_rows(b"".join(bytes([number % 5]) + rng.bytes(width) for number in range(40)), width, 40)
    pixels = decode(content)
    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, by_pillow(content))
    np.testing.assert_array_equal(read_scan(content), pixels)


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"gAMA", struct.pack(">I", 45455)),
        chunk(b"gAMA", struct.pack(">I", 100000)),
        chunk(b"bKGD", b"\0\x80"),
        chunk(b"sBIT", b"\5"),
        chunk(b"tEXt", b"Software\0a scanner"),
        chunk(b"sRGB", b"\0"),
        chunk(b"cICP", bytes((9, 16, 0, 1))),
    ],
)
def test_chunks_beside_the_pixels_change_nothing(extra: bytes, capfd: pytest.CaptureFixture[str]):
    rng = np.random.default_rng(3)
    content = of_rows(b"".join(b"\0" + rng.bytes(50) for _ in range(30)), 50, 30, extra)
    np.testing.assert_array_equal(decode(content), by_pillow(content))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("mode", ["1", "P", "RGB", "LA", "I;16"])
def test_other_pictures_are_left_to_pillow(mode: str):
    file = io.BytesIO()
    Image.new(mode, (30, 20)).save(file, "PNG")
    assert decode(file.getvalue()) is None


def test_transparency_is_left_to_pillow():
    file = io.BytesIO()
    Image.new("L", (30, 20), 7).save(file, "PNG", transparency=7)
    assert decode(file.getvalue()) is None
    assert read_scan(file.getvalue()).min() == 255


def test_a_turned_picture_is_turned(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = np.random.default_rng(5).integers(0, 256, (20, 30), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    np.testing.assert_array_equal(read_scan(tmp_path / "turned.png"), np.rot90(pixels, -1))


@pytest.mark.parametrize("damage", ["cut", "a byte of the pixels", "rows are missing", "an unknown filter"])
def test_damage_is_refused(damage: str, capfd: pytest.CaptureFixture[str]):
    rows = b"".join(b"\0" + bytes((row * column) % 256 for column in range(90)) for row in range(60))
    content = of_rows(rows, 90, 60)
    damaged = {
        "cut": content[:-200],
        "a byte of the pixels": content[:100] + bytes([content[100] ^ 1]) + content[101:],
        "rows are missing": of_rows(rows[:-2000], 90, 60),
        "an unknown filter": of_rows(b"\7" + rows[1:], 90, 60),
    }[damage]
    assert decode(damaged) is None
    with pytest.raises(BadScan, match="not a readable image"):
        read_scan(damaged)
    assert capfd.readouterr().err == ""
