"""Decodes 1-bit PNG files to packed bits in a fifth of the time that decoding to bytes takes.

Most scans of documents are such files. Pillow expands every byte to eight. This module decodes the rows under a header
that declares every eight pixels as one pixel of eight bits.
"""

import struct
import zlib
from pathlib import Path

import numpy as np

from data.pictures.png_chunks import chunk, decode_stream, EIGHT_BIT_GREY, SIGNATURE, stream_of
from data.pictures.reading import BadScan, load, MAX_PIXELS, open_image

_START = SIGNATURE + b"\0\0\0\rIHDR"
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
    if any(name in content for name in _OTHERWISE_SHOWN):
        return None
    width, height, *_ = _HEADER.unpack(start[len(_START) :])
    if width * height > MAX_PIXELS:
        raise BadScan(f"{width}x{height} pixels, more than {MAX_PIXELS:,}")
    end = len(start) + 4
    if struct.pack(">I", zlib.crc32(start[12:])) != content[len(start) : end]:
        return None  # Pillow reports the error
    with open_image(content) as image:  # what Pillow refuses, later readers of the file refuse too
        if image.size != (width, height):
            return None
    row = -(-width // 8)
    stream = stream_of(content)
    bits = None if stream is None else decode_stream(stream, height, row)
    if bits is None:
        header = chunk(b"IHDR", struct.pack(">II", row, height) + EIGHT_BIT_GREY)
        bits = _decode_damaged(SIGNATURE + header + content[end:])
    bits[:, -1] &= 0xFF << (-width % 8) & 0xFF
    return bits, width


def _decode_damaged(packed: bytes) -> np.ndarray:
    """Decodes with Pillow, which reports the error. Raises BadScan."""
    with open_image(packed) as image:
        load(image, packed)
        return np.array(image)
