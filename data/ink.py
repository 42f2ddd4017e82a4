"""Finds the ink of a picture by Otsu's threshold and resizes it to the model's size.

Everywhere in this project *ink* is a boolean array, True where the pen was; *image* is float in [0, 1] with white
paper = 1, as in the input of SignVer's cleaner.
"""

import cv2
import numpy as np
from PIL import Image

from data.pictures.reading import BadScan, BLANK
from data.signver import MODEL_SIZE

PACKED_SHAPE = (MODEL_SIZE, MODEL_SIZE // 8)
"""Shape of one ink image with 8 pixels per byte: 6 KiB instead of 196 KiB as float32."""


def find_ink(scan: np.ndarray) -> np.ndarray:
    """Separates ink from paper by Otsu's threshold (Otsu 1979), as SignVer does.

    Args:
      scan: uint8 [H, W], white paper.

    Returns:
      bool [H, W], True where ink is; a scan of one grey value has no ink.
    """
    if scan.min() == scan.max():
        return np.zeros(scan.shape, bool)
    threshold, _ = cv2.threshold(scan, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return scan <= threshold


def resize_ink(ink: np.ndarray, size: tuple[int, int] = (MODEL_SIZE, MODEL_SIZE)) -> np.ndarray:
    """Resizes an ink mask as SignVer's reference does: bicubic with anti-aliasing, then Otsu again.

    Args:
      ink: bool [H, W].
      size: (height, width) in pixels.

    Returns:
      bool [height, width].
    """
    if ink.shape == size:
        return ink
    grey = Image.fromarray(np.where(ink, 0, 255).astype(np.uint8))
    return find_ink(np.asarray(grey.resize(size[::-1], Image.Resampling.BICUBIC)))


def signature_ink(scan: np.ndarray) -> np.ndarray:
    """Finds the ink of one signature at scan size.

    Args:
      scan: uint8 [H, W], white paper.

    Returns:
      bool [H, W], True where ink is.

    Raises:
      BadScan: there is no ink, or more ink than paper (an inverted or black picture).
    """
    if min(scan.shape) < 8:
        raise BadScan(f"only {scan.shape[1]}x{scan.shape[0]} pixels")
    ink = find_ink(scan)
    share = ink.mean()
    if share == 0:
        raise BadScan(f"no ink: {BLANK}")
    if share > 0.6:
        raise BadScan(f"{share:.0%} of it is dark: not dark ink on white paper")
    return ink


def pack(ink: np.ndarray) -> np.ndarray:
    """bool [..., 224, 224] to uint8 [..., 224, 28], the leftmost pixel in the highest bit."""
    return np.packbits(ink, axis=-1)


def unpack(packed: np.ndarray) -> np.ndarray:
    """The inverse of `pack`."""
    return np.unpackbits(packed, axis=-1).astype(bool)
