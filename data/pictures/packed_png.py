"""PNG files of one bit a pixel, decoded to packed bits: a quarter of the time of decoding them to bytes.

Most scans of documents are such files. Pillow spends its time on making eight bytes of every one; here it is shown a
header that calls every eight pixels one pixel of eight bits.
"""

import struct
import zlib
from pathlib import Path

import numpy as np

from data.pictures.reading import BadScan, load, MAX_PIXELS, open_image

_START = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_HEADER = struct.Struct(">IIBBBBB")
_ONE_BIT_GREY = (1, 0, 0, 0, 0)
"""Bits, colour type, compression, filter, no interlace."""

_OTHERWISE_SHOWN = (b"tRNS", b"acTL", b"eXIf", b"Raw profile")
"""Chunks of transparency, animation and orientation."""


def read_packed(path: Path) -> tuple[np.ndarray, int] | None:
    """Decodes a plain PNG of one bit a pixel.

    Args:
      path: any file.

    Returns:
      (uint8 [H, (W + 7) // 8], the leftmost pixel in the highest bit, 1 for white, 0 behind the last pixel; W), or None
      if the file is another kind of picture.

    Raises:
      BadScan: it is such a PNG, and is damaged or larger than `MAX_PIXELS`.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(len(_START) + _HEADER.size)
            if not start.startswith(_START) or start[-5:] != bytes(_ONE_BIT_GREY):
                return None
            content = start + file.read()
    except OSError:
        return None  # whoever reads it next says why
    if any(chunk in content for chunk in _OTHERWISE_SHOWN):
        return None
    width, height, *_ = _HEADER.unpack(start[len(_START) :])
    if width * height > MAX_PIXELS:
        raise BadScan(f"{width}x{height} pixels, more than {MAX_PIXELS:,}")
    header = b"IHDR" + _HEADER.pack(-(-width // 8), height, 8, *_ONE_BIT_GREY[1:])
    end = len(start) + 4
    if struct.pack(">I", zlib.crc32(start[12:])) != content[len(start) : end]:
        return None  # Pillow says what is wrong
    packed = start[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[end:]
    with open_image(packed) as image:
        load(image, packed)
        bits = np.array(image)
    bits[:, -1] &= 0xFF << (-width % 8) & 0xFF
    return bits, width
