"""Boxes of photographs that EXIF turns: whether tools drew them on the stored pixels or on the upright picture."""

import collections
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from data.labels.label_sets import MarkedPage
from data.pictures.orientation import orientation_of, stored_size_of, turn_boxes, upright_size_of
from data.pictures.reading import BadScan

UPRIGHT, STORED, AUTO = "upright", "stored", "auto"
EXIF_CHOICES = (AUTO, UPRIGHT, STORED)

_SIDEWAYS = 5
"""Orientations from here on swap height and width."""

_SAME_RATIO = 0.01

Size = tuple[int, int]


class TurnedPictures:
    """Puts boxes on the upright picture.

    Args:
      exif: `upright` if the tool drew boxes on the upright picture, `stored` if on the stored pixels, `auto` to decide by
        the sizes in the labels. Labels without sizes count as upright.
      pages: all that are read.
    """

    def __init__(self, exif: str, pages: Sequence[MarkedPage]) -> None:
        self._exif = exif
        self._orientations = {page.picture: _orientation(page.picture) for page in pages if page.picture}
        self._frame_of_file = self._decide(pages) if exif == AUTO else {}
        self._counts: collections.Counter[str] = collections.Counter()

    def boxes(self, page: MarkedPage) -> tuple[np.ndarray, Size | None]:
        """The boxes of a page as they lie on its upright picture.

        Args:
          page: whose picture is there.

        Returns:
          (float32 [n, 4], ymin, xmin, ymax, xmax as shares of the upright page, not checked; height and width of the
          upright page that the labels speak of, None if they do not say).

        Raises:
          BadScan: the picture has no size that can be read, and its boxes are in pixels.
        """
        assert page.picture
        orientation = self._orientations[page.picture]
        frame = self._frame(page, orientation)
        if orientation != 1:
            self._counts[frame] += 1
        size, drawn_on = page.size, page.size
        sideways = orientation >= _SIDEWAYS
        if sideways and size and _ratio_is(size, stored_size_of(page.picture)):
            size = size[::-1]  # of the upright page
            drawn_on = page.size if frame == STORED else size
        if not page.shares and not drawn_on:
            drawn_on = stored_size_of(page.picture) if frame == STORED else upright_size_of(page.picture)
        boxes = np.array([mark.box for mark in page.marks], np.float64).reshape(-1, 4)
        if not page.shares and drawn_on:
            boxes = boxes / np.array([*drawn_on, *drawn_on])
        if frame == STORED and orientation != 1:
            boxes = turn_boxes(boxes, orientation)
        return np.asarray(boxes, np.float32), size

    def notes(self) -> list[tuple[str, str]]:
        """(label, sentence) of what was decided for turned pictures; call it after `boxes` of all pages."""
        lines = []
        if count := self._counts[STORED]:
            lines.append(
                ("exif", f"{count:,} pictures are turned by EXIF: their boxes count as drawn on the stored pixels, and are "
                 "turned with them (if the tool showed them upright: dataset.exif=upright)")
            )
        if count := self._counts[UPRIGHT]:
            lines.append(
                ("exif", f"{count:,} pictures are turned by EXIF: their boxes count as drawn on the upright picture "
                 "(if the tool showed the stored pixels, as labelImg and VoTT do: dataset.exif=stored)")
            )
        return lines

    def _frame(self, page: MarkedPage, orientation: int) -> str:
        if self._exif != AUTO:
            return self._exif
        if not page.size or orientation == 1:
            return UPRIGHT
        frame = self._frame_of_file.get(self._scope(page))
        if orientation >= _SIDEWAYS and _ratio_is(page.size, upright_size_of(page.picture)):
            if not _ratio_is(page.size, stored_size_of(page.picture)):
                return UPRIGHT
        return frame or STORED

    def _scope(self, page: MarkedPage) -> str:
        """Labels that one tool has written: files of one format."""
        return page.labels.suffix

    def _decide(self, pages: Sequence[MarkedPage]) -> dict[str, str]:
        """How boxes were drawn, by what sideways pictures of the same labels show for certain.

        The size in the labels is that of the upright picture: drawn upright. It is that of the stored pixels: drawn on
        them, unless a box fits the upright picture only; then the tool swapped height and width alone, as Label Studio
        does.
        """
        votes: dict[str, str] = {}
        for page in pages:
            if not page.picture or not page.size or self._orientations[page.picture] < _SIDEWAYS:
                continue
            scope = self._scope(page)
            if _ratio_is(page.size, upright_size_of(page.picture)):
                if not _ratio_is(page.size, stored_size_of(page.picture)):
                    votes.setdefault(scope, UPRIGHT)
            elif not page.shares and any(_fits_turned_only(mark.box, page.size) for mark in page.marks):
                votes[scope] = UPRIGHT
            else:
                votes.setdefault(scope, STORED)
        return votes


def _orientation(picture: Path) -> int:
    try:
        return orientation_of(picture)
    except BadScan:
        return 1


def _ratio_is(size: Size | None, other: Size | None) -> bool:
    return bool(size and other and abs(size[0] * other[1] / (size[1] * other[0]) - 1) <= _SAME_RATIO)


def _fits_turned_only(box: Sequence[float], size: Size) -> bool:
    _, _, bottom, right = box
    height, width = size
    return (bottom > height + 1 or right > width + 1) and bottom <= width + 1 and right <= height + 1
