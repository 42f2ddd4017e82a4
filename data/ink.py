"""Scans to ink: read a picture of any mode, find the ink by Otsu's threshold, bring it to the model's size.

Everywhere in this project *ink* is a boolean array, True where the pen was; *image* is float in [0, 1] with white
paper = 1, as the SignVer library feeds its cleaner.
"""

import io
import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from data.signver import MODEL_SIZE

PACKED_SHAPE = (MODEL_SIZE, MODEL_SIZE // 8)
"""Shape of one ink image with 8 pixels a byte: 6 KiB in place of 196 KiB as float32."""

MAX_PIXELS = 64_000_000
"""Largest scan that is read, in pixels: an A4 page at 720 dpi. More is a broken header or a decompression bomb."""


class BadScan(Exception):
    """A scan that cannot be used; the message says why, in words for the user."""


def read_scan(source: Path | str | bytes, frame: int = 0) -> np.ndarray:
    """Reads an image file, or the bytes of one, of any Pillow mode as grey on white.

    Transparent pixels count as paper; 16-bit images keep their relative grey values.

    Args:
      source: the file's path or its content.
      frame: of a file that holds several pictures.

    Returns:
      uint8 [H, W], 0 black to 255 white.

    Raises:
      BadScan: the file is missing, empty, cut, not an image, or larger than `MAX_PIXELS`.
    """
    try:
        with open_image(source) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadScan(f"{image.width}x{image.height} pixels, more than {MAX_PIXELS:,}")
            image.seek(frame)
            image.load()
            return _grey_on_white(image)
    except BadScan:
        raise
    except FileNotFoundError:
        raise BadScan("no such file") from None
    except Image.DecompressionBombError:
        raise BadScan(f"more than {MAX_PIXELS:,} pixels") from None
    except Exception as error:  # Pillow raises many types on broken files; every one means "not readable"
        empty = not (len(source) if isinstance(source, bytes) else Path(source).stat().st_size)
        reason = "the file is empty" if empty else str(error)
        raise BadScan(f"not a readable image ({reason.splitlines()[0] if reason else type(error).__name__})") from None


def open_image(source: Path | str | bytes) -> Image.Image:
    """Opens a file, or the bytes of one, by Pillow, without its warnings of large pictures.

    Raises:
      Exception: of many types, where this is no image.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # MAX_PIXELS is stricter
        return Image.open(io.BytesIO(source) if isinstance(source, bytes) else source)


def _grey_on_white(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I") or image.mode == "F":  # 16 or 32 bits a pixel: Pillow's convert("L") would clip
        values = np.asarray(image, np.float32)
        if not np.isfinite(values).all():
            raise BadScan("it holds values that are no numbers")
        top = 65535.0 if values.max() > 255 else 255.0
        return np.clip(values * (255.0 / top), 0, 255).astype(np.uint8)
    if "A" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.asarray(image.convert("L"))


def find_ink(scan: np.ndarray) -> np.ndarray:
    """Separates ink from paper by Otsu's threshold (Otsu 1979), as SignVer does.

    Args:
      scan: uint8 [H, W], white paper.

    Returns:
      bool [H, W], True where ink is. A scan of one grey value has none.
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
    """The ink of one signature at scan size.

    Raises:
      BadScan: there is no ink, or more ink than paper (an inverted or black picture).
    """
    if min(scan.shape) < 8:
        raise BadScan(f"only {scan.shape[1]}x{scan.shape[0]} pixels")
    ink = find_ink(scan)
    share = ink.mean()
    if share == 0:
        raise BadScan("no ink: every pixel has the same grey value")
    if share > 0.6:
        raise BadScan(f"{share:.0%} of it is dark: not dark ink on white paper")
    return ink


def pack(ink: np.ndarray) -> np.ndarray:
    """bool [..., 224, 224] to uint8 [..., 224, 28], the leftmost pixel in the highest bit."""
    return np.packbits(ink, axis=-1)


def unpack(packed: np.ndarray) -> np.ndarray:
    """The inverse of `pack`."""
    return np.unpackbits(packed, axis=-1).astype(bool)
