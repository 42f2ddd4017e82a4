"""Draws printed noise, the ruled lines and printed words behind a signature, as SignVer's reference trainer does.

The layout follows victordibia/signver, `training/habana`: one thick horizontal line at 20, 50 or 80 % of the height, a
shorter line, one to three lines of printed words, and salt that removes pixels of the print. Noise is drawn at the size
of the scan, because letters of 24 pixels on scans of 600x300 and of 300x300 differ at 224x224.
"""

import functools
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WORDS_FILE = Path(__file__).with_name("words.txt")

FONT_FILES = (
    *("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSans-BoldOblique.ttf"),
    *("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSerif-Italic.ttf", "DejaVuSerif-BoldItalic.ttf"),
    *("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSansMono-Oblique.ttf"),
    *("STIXGeneral.ttf", "STIXGeneralBol.ttf", "STIXGeneralItalic.ttf", "STIXGeneralBolIta.ttf"),
    *("cmr10.ttf", "cmss10.ttf", "cmtt10.ttf", "cmb10.ttf"),
)
"""The text faces that matplotlib ships: sans, serif, typewriter, Times-like and Computer Modern."""

CLOSINGS = (
    *(
        "Sincerely",
        "Yours truly",
        "Best wishes",
        "Kind regards",
        "Respectfully",
        "Yours",
        "Best",
        "Wishes",
        "Approved by",
    ),
    *("Board of Trustees", "Trustee", "Board", "Meeting", "President", "Chairman", "Director", "Secretary", "Ph.D."),
)
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[]_{|}~"

FONT_SIZE = (20, 55)
LINE_WIDTH = (1, 9)


def draw_printed_noise(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Draws the printed noise of one scan.

    Args:
      rng: source of every random choice; the same state gives the same picture.
      width, height: size of the scan in pixels.

    Returns:
      bool [height, width], True where the print is.
    """
    image = Image.new("1", (width, height), 0)
    draw = ImageDraw.Draw(image)
    line_y = _draw_lines(rng, draw, width, height)
    _draw_words(rng, draw, (int(rng.integers(50, 171)), line_y + int(rng.integers(2, 21))))
    print_ink = np.array(image)
    print_ink &= rng.random(print_ink.shape, np.float32) < rng.uniform(0.75, 1.0)  # the salt
    for _ in range(2):
        if rng.random() < 0.5:
            more = Image.new("1", (width, height), 0)
            corner = (width * rng.choice((0.0, 0.1, 0.2)), height * rng.choice((0.2, 0.5, 0.8)))
            _draw_words(rng, ImageDraw.Draw(more), corner)
            print_ink |= np.array(more)
    return print_ink


def _draw_lines(rng: np.random.Generator, draw: ImageDraw.ImageDraw, width: int, height: int) -> int:
    """Draws the long and the short line; returns the y of the long one in pixels."""
    y = int(height * rng.choice((0.2, 0.5, 0.8)))
    margins = rng.integers(0, 81, 2)
    draw.line((margins[0], y, width - margins[1], y), fill=1, width=int(rng.integers(LINE_WIDTH[0], LINE_WIDTH[1] + 1)))
    ends = rng.integers(width // 4, width + 1, 2)
    short_y = int(rng.integers(min(80, height - 1), height))
    draw.line((ends[0], short_y, ends[1], short_y), fill=1, width=int(rng.integers(LINE_WIDTH[0], LINE_WIDTH[1] + 1)))
    return y


def _draw_words(rng: np.random.Generator, draw: ImageDraw.ImageDraw, corner: tuple[float, float]) -> None:
    font = _font(FONT_FILES[rng.integers(len(FONT_FILES))], int(rng.integers(FONT_SIZE[0], FONT_SIZE[1] + 1)))
    draw.text(corner, _phrase(rng), fill=1, font=font)


def _phrase(rng: np.random.Generator) -> str:
    """Two or three words around a punctuation mark, some with a letter's closing."""
    parts = [_word(rng), PUNCTUATION[rng.integers(len(PUNCTUATION))], _word(rng)]
    if rng.random() < 0.5:
        parts.append(_word(rng))
    return " ".join(parts)


def _word(rng: np.random.Generator) -> str:
    words = _words()
    word = words[rng.integers(len(words))]
    if rng.random() < 0.3:
        word += " " + CLOSINGS[rng.integers(len(CLOSINGS))]
    style = rng.random()
    return word.lower() if style < 0.25 else word.upper() if style < 0.75 else word.capitalize()


@functools.cache
def _words() -> tuple[str, ...]:
    return tuple(WORDS_FILE.read_text(encoding="utf-8").split())


@functools.lru_cache(maxsize=1024)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    import matplotlib  # imported late: it takes long, and a training with a cached dataset draws nothing

    return ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts", "ttf", name)), size)
