"""The eight orientations of EXIF, and the transformation of pixels and boxes by them.

A file stores the pixels of the sensor, and a number from 1 to 8 that specifies how to show them. This project always
uses the picture as it is shown, *upright*. Some labelling tools write boxes for the *stored* pixels.
"""

import io
import struct

import numpy as np
from PIL import Image

UPRIGHT = 1
SIDEWAYS = (5, 6, 7, 8)
"""Orientations that swap width and height of the stored picture."""

_ORIENTATION = 0x0112
_WHOLE_NUMBERS = {1: "B", 3: "H", 4: "I"}
"""EXIF types that an orientation may have -> their format characters of `struct`."""

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_TEXT = "Raw profile type exif"


def orientation_in(image: Image.Image) -> int:
    """The orientation of an open image, 1 to 8; 1 if the tag is missing, text, out of range or broken.

    Args:
      image: opened but not loaded, because Pillow removes the tag when it loads a TIFF.
    """
    if image.format == "TIFF":  # Pillow turns these itself, and accepts 6.0 as 6
        value = getattr(image, "tag_v2", {}).get(_ORIENTATION)
        return next((number for number in range(1, 9) if value == number), UPRIGHT)
    try:
        return _orientation_in_exif(_exif_of(image))
    except (struct.error, ValueError):  # it is cut, or no EXIF
        return UPRIGHT


def _exif_of(image: Image.Image) -> bytes:
    if exif := image.info.get("exif"):  # None for a HEIC picture without EXIF
        return bytes(exif)
    if _PNG_TEXT in image.info:
        return bytes.fromhex("".join(str(image.info[_PNG_TEXT]).split("\n")[3:]))
    return _exif_behind_pixels(image) if image.format == "PNG" else b""


def _exif_behind_pixels(image: Image.Image) -> bytes:
    """The chunk `eXIf` of a PNG at any position; Pillow would decode the whole picture to find it."""
    file = getattr(image, "fp", None)
    if file is None:  # loaded already
        return b""
    position, found = file.tell(), b""
    file.seek(len(_PNG_SIGNATURE))
    while len(head := file.read(8)) == 8:
        length, name = struct.unpack(">I4s", head)
        if name == b"eXIf":
            found = file.read(length)
            break
        file.seek(length + 4, io.SEEK_CUR)
    file.seek(position)
    return found


def _orientation_in_exif(exif: bytes) -> int:
    """Reads the entry of the orientation alone; Pillow accepts the first of several numbers and warns of other entries.

    Raises:
      struct.error: the metadata is cut.
      ValueError: the bytes are no EXIF.
    """
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if not order:
        raise ValueError("no EXIF")
    (directory,) = struct.unpack_from(f"{order}I", exif, 4)
    (entries,) = struct.unpack_from(f"{order}H", exif, directory)
    for number in range(entries):
        position = directory + 2 + 12 * number
        tag, kind, count = struct.unpack_from(f"{order}HHI", exif, position)
        if tag == _ORIENTATION and kind in _WHOLE_NUMBERS and count == 1:
            (value,) = struct.unpack_from(order + _WHOLE_NUMBERS[kind], exif, position + 8)
            return int(value) if 1 <= value <= 8 else UPRIGHT
    return UPRIGHT


def turn_pixels(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """The stored picture, [H, W] or [H, W, C], as it is shown, [W, H] for `SIDEWAYS`; a view of the same memory."""
    if orientation in SIDEWAYS:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


def turn_boxes(boxes: np.ndarray, orientation: int) -> np.ndarray:
    """Converts boxes on the stored picture to boxes on the upright picture.

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
