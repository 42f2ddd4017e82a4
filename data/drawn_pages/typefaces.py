"""Typefaces as strips of glyphs.

A page has thousands of letters, and rendering them with FreeType would take most of its time. So each typeface is
rendered once to a strip, and a line of text is an index into the columns of the strip.
"""

import functools
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

TYPEWRITERS = ("cmtt10", "cmtt10", "DejaVuSansMono", "DejaVuSansMono-Bold")
SERIFS = ("STIXGeneral", "cmr10", "DejaVuSerif")
SANS = ("DejaVuSans", "cmss10")
BOLD = {
    **dict.fromkeys(("cmtt10", "DejaVuSansMono", "DejaVuSansMono-Bold"), "DejaVuSansMono-Bold"),
    **{"STIXGeneral": "STIXGeneralBol", "cmr10": "cmb10", "DejaVuSerif": "DejaVuSerif-Bold"},
    **dict.fromkeys(("DejaVuSans", "cmss10"), "DejaVuSans-Bold"),
}
"""Typeface -> its bold face."""

_FIRST, _LAST = 32, 126
_WIDE_SPACE = 4
"""Blank em after the space's columns, so that justified lines can widen it."""


class Typeface:
    """A font at one size, as a strip of glyphs.

    Args:
      name: a font file that matplotlib ships, without `.ttf`.
      size: px of an em, at least 4.
      stretch: factor of every glyph's width.
    """

    def __init__(self, name: str, size: int, stretch: float = 1.0):
        import matplotlib  # imported late: it takes long, and a training with a cached dataset draws nothing

        path = Path(matplotlib.get_data_path(), "fonts", "ttf", name + ".ttf")
        font = ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
        self.size = size
        self.ascent, self.height = round(1.0 * size), round(1.35 * size)
        advance = [max(1, round(font.getlength(chr(code)))) for code in range(_FIRST, _LAST + 1)]
        strip = Image.new("L", (sum(advance), self.height))
        draw = ImageDraw.Draw(strip)
        x = 0
        cells = []
        for code, width in zip(range(_FIRST, _LAST + 1), advance, strict=True):
            draw.text((x, self.ascent), chr(code), 255, font, anchor="ls")
            cells.append((x, width))
            x += width
        drawn = np.asarray(strip)
        glyphs = [
            cv2.resize(
                drawn[:, x : x + width], (max(1, round(width * stretch)), self.height), interpolation=cv2.INTER_AREA
            )
            for x, width in cells
        ]
        space = glyphs[0].shape[1]
        blank = np.zeros((self.height, space + _WIDE_SPACE * size), np.uint8)
        self._strip = np.hstack([blank, *glyphs[1:]])
        widths = np.array([glyph.shape[1] for glyph in glyphs])
        starts = np.cumsum([0, blank.shape[1], *widths[1:-1]])
        self._width = np.full(256, space)
        self._start = np.zeros(256, np.int64)
        self._width[_FIRST : _LAST + 1] = widths
        self._start[_FIRST : _LAST + 1] = starts

    def measure(self, text: str) -> int:
        """Width of a line of text in px."""
        return int(self._width[_codes(text)].sum())

    def render(self, text: str, width: int | None = None) -> np.ndarray:
        """Renders a line of text.

        Args:
          text: ASCII; other characters become spaces.
          width: px to which the line is justified; longer lines, and lines whose spaces would become too wide, stay
            unchanged.

        Returns:
          uint8 [height, width], 255 for full ink; the baseline is row `ascent`.
        """
        codes = _codes(text)
        if not len(codes):
            return np.zeros((self.height, 0), np.uint8)
        widths = self._width[codes]
        spaces = np.flatnonzero(codes == 32)
        if width is not None and len(spaces):
            missing = width - int(widths.sum())
            if 0 < missing < len(spaces) * self.size:
                widths[spaces] += missing // len(spaces)
                widths[spaces[: missing % len(spaces)]] += 1
        before = np.cumsum(widths) - widths
        columns = np.repeat(self._start[codes] - before, widths) + np.arange(int(widths.sum()))
        return self._strip.take(columns, axis=1)

    def wrap(self, text: str, width: int, indent: int = 0) -> list[str]:
        """Breaks text into lines of at most `width` px, the first one shorter by `indent`."""
        lines: list[str] = []
        line: list[str] = []
        used, space = indent, int(self._width[32])
        for word in text.split():
            length = self.measure(word)
            if line and used + length > width:
                lines.append(" ".join(line))
                line, used = [], 0
            line.append(word)
            used += length + space
        return [*lines, " ".join(line)] if line else lines


@functools.lru_cache(maxsize=64)
def typeface(name: str, size: int, stretch: float = 1.0) -> Typeface:
    """A cached `Typeface`."""
    return Typeface(name, size, stretch)


def _codes(text: str) -> np.ndarray:
    codes = np.frombuffer(text.encode("latin-1", "replace"), np.uint8)
    return np.where((codes < _FIRST) | (codes > _LAST), 32, codes)


def slant(ink: np.ndarray, amount: float) -> np.ndarray:
    """Slants a line of text, uint8 [H, W], to the right by `amount` px per row, as italics. The result is wider."""
    height, width = ink.shape
    shear = np.array([[1, -amount, amount * height], [0, 1, 0]], np.float32)
    return cv2.warpAffine(ink, shear, (width + int(amount * height) + 1, height))
