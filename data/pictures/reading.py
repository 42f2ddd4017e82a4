"""One reader of pictures: files of every mode as grey on white, for training, inspection and prediction."""

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

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
