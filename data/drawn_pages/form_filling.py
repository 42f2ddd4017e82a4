"""The way in which the fields of a form are filled in."""

import numpy as np

from data.drawn_pages import handwriting
from data.drawn_pages.sheet import Sheet
from data.drawn_pages.text import pick


class Filling:
    """The way a form is filled in: typed, or in one handwriting with one pen.

    Attributes:
      often: share of the fields that are filled in.
    """

    def __init__(self, sheet: Sheet, rng: np.random.Generator):
        self.sheet, self.rng = sheet, rng
        self.typed = rng.random() < 0.45
        self.often = rng.choice([0.1, 0.4, 0.75])
        self.face = sheet.face(pick(rng, ("cmtt10", "DejaVuSansMono", "cmss10")), rng.uniform(8, 10))
        self.x_height = rng.uniform(2.8, 4.6)

    def write(self, x: float, y: float, said: str, width: float) -> None:
        """Fills in words or a number at a baseline, at most `width` points wide."""
        if self.typed:
            self.sheet.text(x, y, said, self.face)
            return
        ink = handwriting.written(
            self.rng,
            said,
            self.sheet.scale,
            width=min(width, len(said) * 1.4 * self.x_height),
            height=3.4 * self.x_height,
            pen=0.8,
        )
        self.sheet.paste(ink, x, y - 0.85 * ink.shape[0] / self.sheet.scale)
