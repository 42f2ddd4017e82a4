"""Grey levels of pictures of every depth, mode and polarity are scaled by their content."""

import contextlib
import io
import struct
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from data.pictures.reading import BadScan, is_blank, read_scan

GREY = np.full((60, 90), 255, np.uint8)
GREY[20:30, 10:80] = 0
GREY[40:50, 10:80] = 102

MAX_SAMPLE_VALUE, PHOTOMETRIC = 281, 262


def deep(bits: int, kind: type = np.uint16) -> np.ndarray:
    """The page with a white of 2**bits - 1."""
    return np.rint(GREY / 255 * (2**bits - 1)).astype(kind)


def encoded(picture: Image.Image | np.ndarray, form: str = "TIFF", **options) -> bytes:
    buffer = io.BytesIO()
    (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(buffer, form, **options)
    return buffer.getvalue()


def raw_tiff(values: np.ndarray, order: str = "<", **tags: int | None) -> bytes:
    """An uncompressed TIFF of one strip, with entries that Pillow does not write."""
    height, width = values.shape[:2]
    numbers = {256: width, 257: height, 258: values.itemsize * 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: height}
    numbers |= {279: values.nbytes, 339: {"u": 1, "i": 2, "f": 3}[values.dtype.kind]}
    numbers |= {int(name.removeprefix("tag")): value for name, value in tags.items()}
    numbers = {tag: number for tag, number in numbers.items() if number is not None}
    count = numbers[277]
    entries, more, place = b"", b"", 8 + values.nbytes + 2 + 12 * len(numbers) + 4
    for tag, number in sorted(numbers.items()):
        if tag in (258, 339) and count > 1:  # one number a channel
            entries += struct.pack(f"{order}HHII", tag, 4, count, place + len(more))
            more += struct.pack(f"{order}{count}I", *[number] * count)
        else:
            entries += struct.pack(f"{order}HHII", tag, 4, 1, number)
    directory = struct.pack(f"{order}H", len(numbers)) + entries + bytes(4) + more
    head = b"II*\0" if order == "<" else b"MM\0*"
    return head + struct.pack(f"{order}I", 8 + values.nbytes) + values.tobytes() + directory


def big_endian(values: np.ndarray, **tags: int | None) -> bytes:
    swapped = values.astype(values.dtype.newbyteorder(">"))
    return raw_tiff(swapped, order=">", **tags)


def rgb_and(fourth: np.ndarray) -> np.ndarray:
    """The page in colours of 16 bits, with one more channel."""
    return np.dstack([deep(16)] * 3 + [fourth])


DEEP = {
    "16 bits": encoded(deep(16), "PNG"),
    "12 bits in 16, PNG": encoded(deep(12), "PNG"),
    "12 bits in 16, TIFF": encoded(deep(12)),
    "10 bits in 16": encoded(deep(10), "PNG"),
    "14 bits in 16": encoded(deep(14)),
    "8 bits in 16": encoded(deep(8), "PNG"),
    "a mask of 0 and 1 in 16": encoded(np.where(GREY > 60, 1, 0).astype(np.uint16), "PNG"),
    "a scale of its own": encoded(np.rint(GREY / 255 * 1000).astype(np.uint16), tiffinfo={MAX_SAMPLE_VALUE: 1000}),
    "fractions up to 1": encoded((GREY / 255).astype(np.float32)),
    "fractions a little over 1": encoded((GREY / 255 * 1.001).astype(np.float32)),
    "fractions up to 255": encoded(GREY.astype(np.float32)),
    "fractions up to 65535": encoded((GREY * 257.0).astype(np.float32)),
    "doubles": raw_tiff(GREY / 255),
    "32 bits": raw_tiff((GREY * 16843009.0).astype(np.uint32)),
    "32 bits with a sign": raw_tiff(deep(31, np.int32)),
    "16 bits in 32": encoded(deep(16, np.int32)),
    "16 bits with a sign": raw_tiff(deep(15, np.int16)),
    "below zero": raw_tiff((deep(16, np.int32) - 32768).astype(np.int16)),
    "32 bits, the tag for signs left out": raw_tiff((GREY * 16843009.0).astype(np.uint32), tag339=None),
    "8 bits with a sign": raw_tiff(deep(7, np.int8)),
    "8 bits with a sign, below zero": raw_tiff((GREY.astype(np.int16) - 128).astype(np.int8)),
    "white is zero, 16 bits of another byte order": big_endian(65535 - deep(16), tag262=0),
    "a fourth channel that means nothing": raw_tiff(rgb_and(np.zeros_like(deep(16))), tag277=4, tag262=2, tag338=0),
    "white is zero, 16 bits": raw_tiff(65535 - deep(16), tag262=0),
    "white is zero, 12 bits in 16": raw_tiff(4095 - deep(12), tag262=0),
    "white is zero, 8 bits": raw_tiff(255 - GREY, tag262=0),
    "white is zero, fractions": raw_tiff((1 - GREY / 255).astype(np.float32), tag262=0),
    "numbers missing": encoded(np.where(GREY == 255, np.nan, GREY / 255).astype(np.float32)),
    "infinite": encoded(np.where(GREY == 255, np.inf, GREY / 255).astype(np.float32)),
    "colours of 16 bits, PNG": cv2.imencode(".png", np.dstack([deep(16)] * 3))[1].tobytes(),
    "colours of 12 bits in 16, PNG": cv2.imencode(".png", np.dstack([deep(12)] * 3))[1].tobytes(),
    "colours of 12 bits in 16, TIFF": cv2.imencode(".tif", np.dstack([deep(12)] * 3))[1].tobytes(),
    "opacity of 16 bits": cv2.imencode(
        ".png", np.dstack([deep(12)] * 3 + [np.where(GREY == 255, 0, 65535).astype(np.uint16)])
    )[1].tobytes(),
    "JPEG 2000": encoded(GREY, "JPEG2000"),
    "JPEG 2000, 16 bits": encoded(deep(16), "JPEG2000"),
    "Lab": encoded(Image.merge("LAB", [Image.fromarray(GREY), *[Image.new("L", (90, 60), 128)] * 2])),
    "CMYK": encoded(Image.fromarray(GREY).convert("CMYK")),
    "CMYK, JPEG": encoded(Image.fromarray(GREY).convert("CMYK"), "JPEG", quality=100),
    "YCbCr": encoded(Image.fromarray(GREY).convert("YCbCr")),
    "LZW": encoded(GREY, compression="tiff_lzw"),
    "12 bits, deflated": encoded(deep(12), compression="tiff_adobe_deflate"),
    "JPEG in TIFF": encoded(GREY, compression="jpeg", quality=100),
}


@pytest.mark.parametrize("name", DEEP)
@pytest.mark.filterwarnings("error")
def test_white_is_255_and_greys_keep_their_ratio(name: str, capfd: pytest.CaptureFixture[str]):
    scan = read_scan(DEEP[name])
    assert scan.dtype == np.uint8
    expected = np.where(GREY > 60, 255, 0) if "mask" in name else GREY
    np.testing.assert_allclose(scan.astype(int), expected, atol=12 if "JPEG" in name else 2)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("compression", [None, "group3", "group4", "packbits", "tiff_lzw"])
@pytest.mark.parametrize("white_is_zero", [False, True])
def test_one_bit_of_either_polarity(tmp_path: Path, compression: str | None, white_is_zero: bool):
    image = Image.fromarray(GREY).convert("1", dither=Image.Dither.NONE)
    image.save(tmp_path / "fax.tif", compression=compression, tiffinfo={PHOTOMETRIC: 0 if white_is_zero else 1})
    with Image.open(tmp_path / "fax.tif") as written:
        assert written.tag_v2[PHOTOMETRIC] == (0 if white_is_zero else 1)
    np.testing.assert_array_equal(read_scan(tmp_path / "fax.tif"), np.where(GREY > 128, 255, 0))


@pytest.mark.parametrize("top", [9, 100, 180, 254])
def test_eight_bits_are_never_stretched(tmp_path: Path, top: int):
    dim = np.minimum(GREY, top)
    Image.fromarray(dim).save(tmp_path / "dim.png")
    np.testing.assert_array_equal(read_scan(tmp_path / "dim.png"), dim)


def test_a_dim_scan_of_sixteen_bits_stays_dim(tmp_path: Path):
    Image.fromarray(deep(16) // 3 * 2).save(tmp_path / "dim.png")
    np.testing.assert_allclose(read_scan(tmp_path / "dim.png").astype(int), GREY / 3 * 2, atol=2)


def ink_on_nothing(mode: str, ink: int) -> bytes:
    opacity = Image.fromarray(255 - GREY)
    if mode == "P":
        palette = Image.new("P", (90, 60))
        palette.putdata((GREY > 60).astype(np.uint8).ravel().tolist())
        palette.putpalette([ink] * 3 + [7] * 3)
        return encoded(palette, "PNG", transparency=1)
    image = Image.new("LA" if mode == "LA" else "RGBA", (90, 60), (ink, 255) if mode == "LA" else (ink, ink, ink, 255))
    image.putalpha(opacity)
    return encoded(image, "PNG")


@pytest.mark.parametrize("mode", ["LA", "RGBA", "P"])
def test_dark_ink_on_transparency_lies_on_paper(mode: str):
    scan = read_scan(ink_on_nothing(mode, 0))
    assert scan[0, 0] == 255
    assert scan[25, 40] == 0


@pytest.mark.parametrize("mode", ["LA", "RGBA", "P"])
def test_white_ink_on_transparency_shows_nothing(mode: str):
    assert is_blank(read_scan(ink_on_nothing(mode, 255)))


def test_a_grey_value_that_counts_as_transparent_is_paper():
    values = np.where(GREY == 255, 40000, 0).astype(np.uint16)
    assert read_scan(encoded(values, "PNG"))[0, 0] < 200
    scan = read_scan(encoded(Image.fromarray(values), "PNG", transparency=40000))
    assert scan[0, 0] == 255
    assert scan[25, 40] == 0


def test_a_tiff_of_a_kind_that_is_not_read_is_called_one():
    with pytest.raises(BadScan, match="a TIFF of a kind"):
        read_scan(raw_tiff((GREY / 255).astype(np.float16)))


def test_deep_colours_of_a_tiff_that_lie_apart_are_refused():
    """Neither Pillow nor OpenCV reads them rightly."""
    content = raw_tiff(np.stack([deep(16)] * 3, axis=-1), tag262=2, tag277=3, tag284=2)
    with pytest.raises(BadScan, match="a TIFF of a kind"):
        read_scan(content)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_no_numbers_at_all(kind: type):
    with pytest.raises(BadScan, match="no numbers"):
        read_scan(raw_tiff(np.full((20, 20), np.nan, kind)))


@pytest.mark.parametrize("shape", [(1, 500), (500, 1), (1, 1)])
def test_narrow_pictures_are_read(shape: tuple[int, int]):
    assert read_scan(encoded(np.full(shape, 7, np.uint16), "PNG")).shape == shape


def test_a_broken_file_gives_no_warning(capfd: pytest.CaptureFixture[str]):
    content = bytearray(encoded(GREY, compression="tiff_lzw"))
    content[60:200] = bytes(140)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with contextlib.suppress(BadScan):
            read_scan(bytes(content))
    assert capfd.readouterr() == ("", "")
