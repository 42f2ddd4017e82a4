"""How a camera held a picture: the eight orientations of EXIF, and boxes and pixels turned by them.

A file stores the pixels as the sensor saw them, and a number from 1 to 8 that says how to show them. Everything in
this project works on the picture as it is shown, *upright*. Some labelling tools write boxes of the *stored* pixels.
"""

import io
import struct
from typing import Any

import numpy as np
from PIL import ExifTags, Image

UPRIGHT = 1
SIDEWAYS = (5, 6, 7, 8)
"""Orientations in which width and height of the stored picture change places."""

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_KEYS = ("exif", "Raw profile type exif", "XML:com.adobe.xmp", "xmp")


def orientation_in(image: Image.Image) -> int:
    """The orientation of an open image, 1 to 8; 1 where the tag is missing, text, out of range or broken.

    Args:
      image: opened, not loaded yet: Pillow removes the tag from a TIFF as it loads it.
    """
    try:
        if image.format == "PNG" and not any(key in image.info for key in _PNG_KEYS):
            tags = _exif_behind_pixels(image)  # Pillow would decode the whole picture to look for it
        else:
            tags = image.getexif()
        value: Any = tags.get(ExifTags.Base.Orientation, UPRIGHT)
    except Exception:  # of many types, where the metadata is broken
        return UPRIGHT
    if image.format == "TIFF":  # Pillow itself turns these, and takes 6.0 for 6
        return next((number for number in range(1, 9) if value == number), UPRIGHT)
    return value if isinstance(value, int) and 1 <= value <= 8 else UPRIGHT


def _exif_behind_pixels(image: Image.Image) -> Image.Exif:
    """The metadata of a PNG that a program has appended, from the chunk `eXIf`; empty where there is none."""
    exif, file = Image.Exif(), getattr(image, "fp", None)
    if file is None:  # loaded already
        return image.getexif()
    position = file.tell()
    file.seek(len(_PNG_SIGNATURE))
    while len(head := file.read(8)) == 8:
        length, name = struct.unpack(">I4s", head)
        if name == b"eXIf":
            exif.load(file.read(length))
            break
        file.seek(length + 4, io.SEEK_CUR)
    file.seek(position)
    return exif


def turn_pixels(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """The stored picture [H, W] as it is shown, [H, W] or, for `SIDEWAYS`, [W, H]; a view of the same memory."""
    if orientation in SIDEWAYS:
        pixels = pixels.T
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


def turn_boxes(boxes: np.ndarray, orientation: int) -> np.ndarray:
    """Boxes on the stored picture as boxes on the picture that is shown.

    Args:
      boxes: float [n, 4], ymin, xmin, ymax, xmax as shares of the stored picture's height and width.
      orientation: 1 to 8, from `orientation_of` (data.pictures.headers).

    Returns:
      float [n, 4] of the same type, ymin, xmin, ymax, xmax as shares of the upright picture's height and width.
    """
    ymin, xmin, ymax, xmax = boxes.T
    if orientation in SIDEWAYS:
        ymin, xmin, ymax, xmax = xmin, ymin, xmax, ymax
    if orientation in (3, 4, 7, 8):
        ymin, ymax = 1 - ymax, 1 - ymin
    if orientation in (2, 3, 6, 7):
        xmin, xmax = 1 - xmax, 1 - xmin
    return np.stack([ymin, xmin, ymax, xmax], axis=1).astype(boxes.dtype)
