"""PNG files of one bit, decoded without unpacking: the same pixels, and the same refusals, as otherwise."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.pictures import packed_png
from data.pictures.packed_png import read_packed
from data.pictures.reading import BadScan, read_scan


def save(path: Path, width: int, height: int = 40, **options) -> Path:
    pixels = np.random.default_rng(width).random((height, width)) < 0.3
    Image.fromarray(pixels).save(path, **options)
    return path


@pytest.mark.parametrize("width", [1, 7, 8, 9, 16, 90, 1001])
def test_the_pixels_are_those_that_are_read(tmp_path: Path, width: int):
    path = save(tmp_path / "scan.png", width)
    bits, found = read_packed(path)
    assert found == width
    assert bits.shape == (40, (width + 7) // 8)
    unpacked = np.unpackbits(bits, axis=1)
    np.testing.assert_array_equal(unpacked[:, :width] * 255, read_scan(path))
    assert not unpacked[:, width:].any()


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "LA", "I;16"])
def test_other_pictures_are_left_to_pillow(tmp_path: Path, mode: str):
    Image.new(mode, (30, 20)).save(tmp_path / "scan.png")
    assert read_packed(tmp_path / "scan.png") is None


def test_what_is_shown_otherwise_is_left_to_pillow(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_packed(save(tmp_path / "turned.png", 30, exif=exif)) is None
    assert read_packed(save(tmp_path / "transparent.png", 30, transparency=0)) is None
    assert read_packed(save(tmp_path / "scan.tif", 30)) is None
    assert read_packed(tmp_path / "gone.png") is None


def test_damaged_files_are_refused(tmp_path: Path):
    content = save(tmp_path / "scan.png", 900, 300).read_bytes()
    for number, damaged in enumerate((content[:-400], content[:900] + b"\0" * 40 + content[940:])):
        path = tmp_path / f"{number}.png"
        path.write_bytes(damaged)
        with pytest.raises(BadScan, match="not a readable image"):
            read_packed(path)
        with pytest.raises(BadScan, match="not a readable image"):
            read_scan(path)


def test_a_bomb_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = save(tmp_path / "scan.png", 90)
    monkeypatch.setattr(packed_png, "MAX_PIXELS", 1000)
    with pytest.raises(BadScan, match="90x40 pixels, more than 1,000"):
        read_packed(path)


def test_a_broken_header_is_left_to_pillow(tmp_path: Path):
    content = bytearray(save(tmp_path / "scan.png", 90).read_bytes())
    content[30] ^= 1
    (tmp_path / "scan.png").write_bytes(content)
    assert read_packed(tmp_path / "scan.png") is None
    with pytest.raises(BadScan):
        read_scan(io.BytesIO(content).getvalue())


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


ROWS = b"".join(b"\0" + bytes((row * column) % 256 for column in range(12)) for row in range(60))
STREAMS = {
    "rows are missing": zlib.compress(ROWS[:-100]),
    "the stream is cut": zlib.compress(ROWS)[:-30],
    "it is no stream": b"abc",
    "an unknown filter": zlib.compress(b"\7" + ROWS[1:]),
}


def of_stream(path: Path, stream: bytes) -> Path:
    """A PNG of one bit, of which every check sum of a chunk fits."""
    header = struct.pack(">IIBBBBB", 90, 60, 1, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", stream) + chunk(b"IEND", b""))
    return path


@pytest.mark.parametrize("name", STREAMS)
def test_broken_streams_in_sound_chunks_are_refused(tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]):
    path = of_stream(tmp_path / "scan.png", STREAMS[name])
    for read in (read_packed, read_scan):
        with pytest.raises(BadScan, match="not a readable image"):
            read(path)
    assert capfd.readouterr().err == ""


def with_chunk(path: Path, name: bytes, data: bytes) -> Path:
    """A PNG of one bit with one more chunk behind its header."""
    content = of_stream(path, zlib.compress(ROWS)).read_bytes()
    path.write_bytes(content[:33] + chunk(name, data) + content[33:])
    return path


@pytest.mark.parametrize("name", [b"pHYs", b"cHRM"])
def test_a_cut_chunk_is_refused_as_everywhere(tmp_path: Path, name: bytes):
    path = with_chunk(tmp_path / "scan.png", name, b"1")
    for read in (read_packed, read_scan):
        with pytest.raises(BadScan, match="not a readable image"):
            read(path)


def test_a_second_header_is_left_to_pillow(tmp_path: Path):
    assert read_packed(with_chunk(tmp_path / "scan.png", b"IHDR", struct.pack(">IIBBBBB", 5, 5, 8, 0, 0, 0, 0))) is None


def test_rows_are_whole_if_the_sums_of_their_chunks_fit(tmp_path: Path):
    path = of_stream(tmp_path / "scan.png", zlib.compress(ROWS))
    other = of_stream(tmp_path / "other.png", zlib.compress(ROWS)[:-1] + b"x")  # the sum of the stream itself is wrong
    np.testing.assert_array_equal(read_packed(path)[0], read_packed(other)[0])


def test_every_filter_is_undone(tmp_path: Path):
    rng = np.random.default_rng(1)
    rows = b"".join(bytes([number % 5]) + rng.bytes(12) for number in range(60))
    path = of_stream(tmp_path / "scan.png", zlib.compress(rows))
    bits, width = read_packed(path)
    np.testing.assert_array_equal(np.unpackbits(bits, axis=1)[:, :width] * 255, read_scan(path))
