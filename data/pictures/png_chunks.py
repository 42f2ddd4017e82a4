"""Splits a PNG file into its chunks, and puts chunks together (W3C, "Portable Network Graphics", section 5)."""

import struct
import zlib
from collections.abc import Iterator

import cv2
import numpy as np

from data.pictures.quiet import WITHOUT_STDERR

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def stream_of(content: bytes) -> bytes | None:
    """The compressed rows of a PNG; None if a checksum does not match or the end is missing."""
    chunks = list(_sound_chunks(content))
    if not chunks or chunks[-1][0] != b"IEND":
        return None
    return b"".join(data for name, data in chunks if name == b"IDAT")


def _sound_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields (name, data) of the chunks of a PNG up to the first whose checksum does not match."""
    position = len(SIGNATURE)
    while position + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, position)
        data_at, sum_at = position + 8, position + 8 + length
        if content[sum_at : sum_at + 4] != struct.pack(">I", zlib.crc32(content[position + 4 : sum_at])):
            return
        yield content[position + 4 : data_at], content[data_at:sum_at]
        position = sum_at + 4


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk with its length and its checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def decode_stream(header: bytes, stream: bytes) -> np.ndarray | None:
    """Decodes the compressed rows of a PNG with libpng.

    Args:
      header: the data of a chunk IHDR.
      stream: from `stream_of`.

    Returns:
      The pixels as OpenCV reads them; None if they are damaged.
    """
    plain = SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", stream) + chunk(b"IEND", b"")
    try:
        with WITHOUT_STDERR:
            return cv2.imdecode(np.frombuffer(plain, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
