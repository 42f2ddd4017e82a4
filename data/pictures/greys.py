"""Converts all modes of Pillow to grey on white with eight bits.

Eight bits per channel are kept unchanged. More bits are scaled so that the white of the file becomes 255:

- 16 or 32 bits as whole numbers: white is `MaxSampleValue` if a TIFF states it, otherwise the largest number of
  the smallest usual depth (`DEPTHS`) that holds the brightest pixel: 4095 for a scanner's 12 bits in 16. Numbers with
  a sign have one bit less.
- fractions: white is 1 if no pixel reaches 2, 255 if none reaches 256, otherwise as for whole numbers.
- negative numbers: nothing specifies black, so the darkest pixel is black and the brightest is white.

A TIFF whose zero is white is inverted. Transparent pixels, infinity and NaN count as paper.
"""

import cv2
import numpy as np
from PIL import Image

DEPTHS = (1, 2, 4, 8, 10, 12, 14, 16, 24, 32)
"""Usual numbers of bits of the grey values of scanners, cameras and programs."""

_MAX_SAMPLE_VALUE, _BITS_PER_SAMPLE, _PHOTOMETRIC, _SAMPLE_FORMAT = 281, 258, 262, 339
_UNSIGNED, _SIGNED = 1, 2
_SIGNED_WHITES = (2.0**7 - 1, 2.0**15 - 1, 2.0**31 - 1)
_TRANSPARENT_MODES = ("RGBA", "LA", "PA", "La", "RGBa")


class NoGreys(ValueError):
    """A picture in which no value is a finite number."""


def grey_on_white(image: Image.Image) -> np.ndarray:
    """A loaded image as uint8 [H, W], 0 black to 255 white.

    Raises:
      NoGreys: none of its values is a finite number.
    """
    if image.mode.startswith("I") or image.mode == "F":  # Pillow's convert("L") would clip
        values = np.asarray(image)
        if values.dtype == np.int32 and image.format == "TIFF" and _tag(image, _SAMPLE_FORMAT) in (None, _UNSIGNED):
            values = values.view(np.uint32)  # Pillow has no mode for unsigned 32 bits
        greys = _scaled(values, _stated_white(image, values), _tag(image, _PHOTOMETRIC) == 0)
        paper = image.info.get("transparency")
        return np.where(values == paper, np.uint8(255), greys) if isinstance(paper, int) else greys
    if image.mode == "L" and _tag(image, _SAMPLE_FORMAT) == _SIGNED:  # Pillow reads the bytes as unsigned
        values = np.asarray(image).view(np.int8)
        return _scaled(values, _stated_white(image, values), white_is_zero=False)
    if image.mode == "LAB":
        return np.asarray(image.getchannel("L"))
    return np.asarray(_on_white(image).convert("L"))


def colours_on_white(image: Image.Image) -> np.ndarray | None:
    """A loaded image as uint8 [H, W, 3], red, green and blue; None if all its pixels are grey.

    Its grey values are those of `grey_on_white`.
    """
    if image.mode.startswith("I") or image.mode in ("1", "L", "LA", "La", "F", "LAB"):
        return None
    colours = np.asarray(_on_white(image).convert("RGB"))
    return colours if has_colours(colours) else None


def grey_of(picture: np.ndarray) -> np.ndarray:
    """The grey values, uint8 [H, W], of uint8 [H, W], or of red, green and blue, uint8 [H, W, 3]."""
    return picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def has_colours(picture: np.ndarray) -> bool:
    """Whether any pixel of red, green and blue, uint8 [H, W, 3], is not grey."""
    some = picture[:: max(1, len(picture) // 64)]  # enough to find the colours of most pictures
    return not (_is_grey(some) and _is_grey(picture))


def _is_grey(picture: np.ndarray) -> bool:
    return bool((picture[..., 0] == picture[..., 1]).all() and (picture[..., 1] == picture[..., 2]).all())


def _on_white(image: Image.Image) -> Image.Image:
    """An image with eight bits per channel, its transparent pixels replaced by white."""
    if image.mode in _TRANSPARENT_MODES or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image


def scale_deep(values: np.ndarray, has_opacity: bool = True) -> np.ndarray:
    """Converts colours of 16 bits to grey on white.

    Args:
      values: uint16 [H, W, 3 or 4], blue, green, red and perhaps opacity, as OpenCV reads them.
      has_opacity: whether the fourth channel is opacity; otherwise it is ignored.

    Returns:
      uint8 [H, W].
    """
    blue, green, red = (values[..., channel].astype(np.float32) for channel in range(3))
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    white = _white_of(float(values[..., :3].max()))
    if values.shape[-1] == 4 and has_opacity:
        opacity = values[..., 3].astype(np.float32) / max(_white_of(float(values[..., 3].max())), 1)
        grey = grey * opacity + white * (1 - opacity)
    return _to_bytes(grey, 0, white)


def _scaled(values: np.ndarray, stated_white: float | None, white_is_zero: bool) -> np.ndarray:
    """Scales numbers [H, W] to uint8 by the rules at the top of this module. Raises NoGreys."""
    paper = None
    if values.dtype.kind == "f":
        numbers = np.isfinite(values)
        if not numbers.all():
            if not numbers.any():
                raise NoGreys("it holds values that are no numbers")
            paper, values = ~numbers, np.where(numbers, values, values[numbers].max())
    black, white = float(values.min()), float(values.max())
    if black >= 0:
        guessed = _white_of(white, values.dtype.kind == "f")
        black, white = 0, stated_white if stated_white is not None and white <= stated_white else guessed
    greys = _to_bytes(values, black, white)
    if white_is_zero:
        greys = 255 - greys
    if paper is not None:
        greys[paper] = 255
    return greys


def _white_of(brightest: float, fractions: bool = False) -> float:
    """The value of white, estimated from the brightest pixel."""
    if fractions and brightest < 2:
        return 1
    depths = DEPTHS[DEPTHS.index(8) :] if fractions else DEPTHS
    return next((float(2**bits - 1) for bits in depths if brightest < 2**bits), brightest)


def _to_bytes(values: np.ndarray, black: float, white: float) -> np.ndarray:
    if white <= black:
        return np.full(values.shape, 255 if white > 0 else 0, np.uint8)
    scaled = values.astype(np.float32)
    scaled -= np.float32(black)
    scaled *= np.float32(255 / (white - black))
    np.rint(scaled, out=scaled)
    return np.clip(scaled, 0, 255, out=scaled).astype(np.uint8)


def _stated_white(image: Image.Image, values: np.ndarray) -> float | None:
    """`MaxSampleValue` of a TIFF, or the largest value of its signed numbers; None if neither is known."""
    stated, bits = _tag(image, _MAX_SAMPLE_VALUE), _tag(image, _BITS_PER_SAMPLE)
    if stated is not None and bits is not None and 1 <= stated < 2**bits - 1:
        return float(stated)
    if values.dtype.kind == "i" and _tag(image, _SAMPLE_FORMAT) == _SIGNED:
        return next((top for top in _SIGNED_WHITES if top / 2 < values.max() <= top), None)
    return None


def _tag(image: Image.Image, number: int) -> int | None:
    """The first value of a TIFF's entry; None if it is missing or no whole number."""
    values = getattr(image, "tag_v2", {}).get(number)
    value = values[0] if isinstance(values, tuple) and values else values
    return value if isinstance(value, int) else None
