"""How a camera held a picture: the eight orientations of EXIF, and boxes and pixels turned by them.

A file stores the pixels as the sensor saw them, and a number from 1 to 8 that says how to show them. Everything in
this project works on the picture as it is shown, *upright*. Some labelling tools write boxes of the *stored* pixels.
"""

import io
import struct

import numpy as np
from PIL import Image

UPRIGHT = 1
SIDEWAYS = (5, 6, 7, 8)
"""Orientations in which width and height of the stored picture change places."""

_ORIENTATION = 0x0112
_WHOLE_NUMBERS = {1: "B", 3: "H", 4: "I"}
"""Types of an EXIF entry that an orientation may have, as `struct` calls them."""

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_TEXT = "Raw profile type exif"


def orientation_in(image: Image.Image) -> int:
    """The orientation of an open image, 1 to 8; 1 where the tag is missing, text, out of range or broken.

    Args:
      image: opened, not loaded yet: Pillow removes the tag from a TIFF as it loads it.
    """
    if image.format == "TIFF":  # Pillow itself turns these, and takes 6.0 for 6
        value = getattr(image, "tag_v2", {}).get(_ORIENTATION)
        return next((number for number in range(1, 9) if value == number), UPRIGHT)
    try:
        return _orientation_in_exif(_exif_of(image))
    except (struct.error, ValueError):  # it is cut, or no EXIF
        return UPRIGHT


def _exif_of(image: Image.Image) -> bytes:
    if exif := image.info.get("exif"):  # None in a HEIC picture without it
        return bytes(exif)
    if _PNG_TEXT in image.info:
        return bytes.fromhex("".join(str(image.info[_PNG_TEXT]).split("\n")[3:]))
    return _exif_behind_pixels(image) if image.format == "PNG" else b""


def _exif_behind_pixels(image: Image.Image) -> bytes:
    """The chunk `eXIf` of a PNG, wherever it stands: Pillow would decode the whole picture to look for it."""
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
    """Reads the one entry that counts; Pillow takes the first of several numbers, and warns of everything else.

    Raises:
      struct.error: the metadata is cut.
      ValueError: it is no EXIF.
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
    """The stored picture [H, W] or [H, W, C] as it is shown, for `SIDEWAYS` [W, H]; a view of the same memory."""
    if orientation in SIDEWAYS:
        pixels = pixels.swapaxes(0, 1)
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
