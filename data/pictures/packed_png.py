"""Decodes 1-bit PNG files to packed bits in a quarter of the time that decoding to bytes takes.

Most scans of documents are such files. Pillow expands every byte to eight. This module gives OpenCV a header that
declares every eight pixels as one pixel of eight bits.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from data.pictures.quiet import WITHOUT_STDERR
from data.pictures.reading import BadScan, load, MAX_PIXELS, open_image

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_START = _SIGNATURE + b"\0\0\0\rIHDR"
_HEADER = struct.Struct(">IIBBBBB")
_ONE_BIT_GREY = (1, 0, 0, 0, 0)
"""Bits, colour type, compression, filter, no interlace."""

_OTHERWISE_SHOWN = (b"tRNS", b"acTL", b"eXIf", b"Raw profile")
"""Chunks that change how the picture is shown: transparency, animation and orientation."""


def read_packed(path: Path) -> tuple[np.ndarray, int] | None:
    """Decodes a plain 1-bit PNG.

    Args:
      path: any file.

    Returns:
      (uint8 [H, (W + 7) // 8], the leftmost pixel in the highest bit, 1 for white, 0 after the last pixel; W), or None
      if the file is another kind of picture.

    Raises:
      BadScan: the file is such a PNG, and is damaged or larger than `MAX_PIXELS`.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(len(_START) + _HEADER.size)
            if not start.startswith(_START) or start[-5:] != bytes(_ONE_BIT_GREY):
                return None
            content = start + file.read()
    except OSError:
        return None  # the next reader reports it
    if any(chunk in content for chunk in _OTHERWISE_SHOWN):
        return None
    width, height, *_ = _HEADER.unpack(start[len(_START) :])
    if width * height > MAX_PIXELS:
        raise BadScan(f"{width}x{height} pixels, more than {MAX_PIXELS:,}")
    end = len(start) + 4
    if struct.pack(">I", zlib.crc32(start[12:])) != content[len(start) : end]:
        return None  # Pillow reports the error
    header = _chunk(b"IHDR", _HEADER.pack(-(-width // 8), height, 8, *_ONE_BIT_GREY[1:]))
    bits = _decode_whole(header, content)
    if bits is None or bits.shape != (height, -(-width // 8)):
        bits = _decode_damaged(_SIGNATURE + header + content[end:])
    bits[:, -1] &= 0xFF << (-width % 8) & 0xFF
    return bits, width


def _decode_whole(header: bytes, content: bytes) -> np.ndarray | None:
    """Decodes a file with another header; None if a checksum does not match or the end is missing."""
    chunks = list(_sound_chunks(content))
    if not chunks or chunks[-1][0] != b"IEND":
        return None
    pixels = b"".join(_chunk(name, data) for name, data in chunks if name == b"IDAT")
    plain = np.frombuffer(_SIGNATURE + header + pixels + _chunk(b"IEND", b""), np.uint8)
    try:
        with WITHOUT_STDERR:
            return cv2.imdecode(plain, cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None


def _decode_damaged(packed: bytes) -> np.ndarray:
    """Decodes with Pillow, which reports the error. Raises BadScan."""
    with open_image(packed) as image:
        load(image, packed)
        return np.array(image)


def _sound_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields (name, data) of the chunks of a PNG up to the first whose checksum does not match."""
    position = len(_SIGNATURE)
    while position + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, position)
        data_at, sum_at = position + 8, position + 8 + length
        if content[sum_at : sum_at + 4] != struct.pack(">I", zlib.crc32(content[position + 4 : sum_at])):
            return
        yield content[position + 4 : data_at], content[data_at:sum_at]
        position = sum_at + 4


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
