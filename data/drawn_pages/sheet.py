"""A sheet of paper on which a page is laid out: type, rules, pictures, handwriting, and the labelled marks.

Positions and sizes are in points, 1/72 inch, from the top left corner; the y of text is its baseline.
"""

import dataclasses

import cv2
import numpy as np

from data.drawn_pages.handwriting import INK
from data.drawn_pages.typefaces import slant, Typeface, typeface

SIGNATURE, INITIALS, REDACTION, DATE = 1, 2, 3, 4
"""Labels of the marks."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in points."""


@dataclasses.dataclass(frozen=True, eq=False)
class Mark:
    """A labelled object on the page.

    Args:
      label: `SIGNATURE`, `INITIALS`, `REDACTION` or `DATE`.
      ink: float32 [n, 2], x and y in px of points around its ink.
      outline: the same, around the ink and the typed lines that a loose box takes in.
    """

    label: int
    ink: np.ndarray
    outline: np.ndarray


class Sheet:
    """A blank sheet.

    Args:
      width, height: points.
      scale: px per point.
      stretch: factor of the width of all type.
      printed: share of signatures in separate letters.
      pen: darkness of the labelled handwriting, a share of full ink: blue or faded ink in a grey picture.

    Attributes:
      ink: uint8 [H, W], 255 for full ink.
      signed: uint8 [H, W], the ink of signatures and initials alone.
      marks: the labelled marks.
    """

    def __init__(
        self, width: float, height: float, scale: float, stretch: float = 1.0, printed: float = 0.0, pen: float = 1.0
    ):
        self.width, self.height, self.scale, self.stretch = width, height, scale, stretch
        self.printed, self.pen = printed, pen
        self.ink = np.zeros((round(height * scale), round(width * scale)), np.uint8)
        self.signed = np.zeros_like(self.ink)
        self.marks: list[Mark] = []

    def face(self, name: str, size: float) -> Typeface:
        """A typeface with an em of `size` points."""
        return typeface(name, max(4, round(size * self.scale)), self.stretch)

    # ---- type ----

    def measure(self, text: str, face: Typeface) -> float:
        """Width of a line of text in points."""
        return face.measure(text) / self.scale

    def text(
        self,
        x: float,
        y: float,
        text: str,
        face: Typeface,
        *,
        align: str = "left",
        lean: float = 0,
        width: float | None = None,
    ) -> Box:
        """Sets a line of text.

        Args:
          x, y: start, end or middle of the baseline for `align` `left`, `right` or `center`.
          text: the line.
          face: its typeface.
          align: see `x`.
          lean: slant of italics, px to the right per px of height.
          width: width to which the line is justified; None for no justification.

        Returns:
          The box of the letters without descenders.
        """
        line = face.render(text, None if width is None else round(width * self.scale))
        if lean and line.shape[1]:
            line = slant(line, lean)
        length = line.shape[1] / self.scale
        x -= {"left": 0, "center": 0.5, "right": 1}[align] * length
        self.paste(line, x, y - face.ascent / self.scale)
        return x, y - 0.75 * face.size / self.scale, x + length, y

    def paragraph(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        face: Typeface,
        leading: float,
        *,
        indent: float = 0,
        justify: bool = False,
        bottom: float = np.inf,
    ) -> float:
        """Sets a paragraph from baseline `y` on, with lines `leading` points apart, down to `bottom`.

        Returns:
          The baseline after the last line.
        """
        lines = face.wrap(text, round(width * self.scale), round(indent * self.scale))
        for i, line in enumerate(lines):
            if y > bottom:
                break
            shift = 0 if i else indent
            self.text(x + shift, y, line, face, width=width - shift if justify and i + 1 < len(lines) else None)
            y += leading
        return y

    # ---- rules and fills ----

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.7) -> None:
        """Draws a rule `width` points thick."""
        start, stop = ((round(x * self.scale), round(y * self.scale)) for x, y in ((x0, y0), (x1, y1)))
        cv2.line(self.ink, start, stop, 255, max(1, round(width * self.scale)))

    def frame(self, box: Box, width: float = 0.7) -> None:
        """Draws the four sides of a box."""
        x0, y0, x1, y1 = (round(v * self.scale) for v in box)
        cv2.rectangle(self.ink, (x0, y0), (x1, y1), 255, max(1, round(width * self.scale)))

    def fill(self, box: Box, darkness: int = 255) -> None:
        """Fills a box and replaces its content."""
        x0, y0, x1, y1 = (round(v * self.scale) for v in box)
        cv2.rectangle(self.ink, (x0, y0), (x1, y1), darkness, -1)
        cv2.rectangle(self.signed, (x0, y0), (x1, y1), 0, -1)

    def disc(self, x: float, y: float, radius: float) -> None:
        """Fills a disc, such as a punch hole."""
        cv2.circle(self.ink, (round(x * self.scale), round(y * self.scale)), round(radius * self.scale), 255, -1)

    # ---- ink ----

    def paste(self, ink: np.ndarray, x: float, y: float) -> tuple[int, int]:
        """Adds ink, uint8 [H, W], with its top left corner at a point; ink outside the sheet is lost.

        Returns:
          Column and row of the corner, px.
        """
        left, top = round(x * self.scale), round(y * self.scale)
        _lay(self.ink, ink, left, top)
        return left, top

    def mark(self, label: int, ink: np.ndarray, x: float, y: float, takes_in: tuple[Box, ...] = ()) -> None:
        """Adds labelled handwriting.

        Args:
          label: of the mark.
          ink: uint8 [H, W].
          x, y: its top left corner.
          takes_in: further boxes that a loose, hand-drawn box around the mark would include.
        """
        left, top = self.paste(ink if self.pen == 1.0 else cv2.convertScaleAbs(ink, alpha=self.pen), x, y)
        if label in (SIGNATURE, INITIALS):
            _lay(self.signed, ink, left, top)
        written = cv2.findNonZero((ink >= INK).astype(np.uint8))
        if written is None:
            return
        hull = cv2.convexHull(written).reshape(-1, 2) + np.array((left + 0.5, top + 0.5))
        outline = [hull]
        for x0, y0, x1, y1 in takes_in:
            outline.append(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]) * self.scale)
        self.marks.append(Mark(label, hull.astype(np.float32), np.concatenate(outline).astype(np.float32)))

    def redact(self, box: Box, style: str = "black") -> None:
        """Covers a box and labels it as a redaction.

        Args:
          box: the box.
          style: `black`, `grey`, or `white` with a thin frame.
        """
        self.fill(box, {"black": 255, "grey": 150, "white": 0}[style])
        if style != "black":
            self.frame(box)
        x0, y0, x1, y1 = box
        corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32) * self.scale
        self.marks.append(Mark(REDACTION, corners, corners))


def _lay(layer: np.ndarray, ink: np.ndarray, left: int, top: int) -> None:
    """Adds ink to a layer with its top left corner at a pixel; ink outside is lost. In place."""
    rows, columns = layer.shape
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + ink.shape[1], columns), min(top + ink.shape[0], rows)
    if x0 < x1 and y0 < y1:
        place = layer[y0:y1, x0:x1]
        np.maximum(place, ink[y0 - top : y1 - top, x0 - left : x1 - left], out=place)
