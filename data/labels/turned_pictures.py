"""Decides whether boxes of photographs turned by EXIF were drawn on the stored pixels or on the upright picture."""

import collections
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from data.labels.label_sets import MarkedPage
from data.pictures.headers import orientation_of, stored_size_of, upright_size_of
from data.pictures.orientation import SIDEWAYS, turn_boxes

UPRIGHT, STORED, AUTO = "upright", "stored", "auto"

_SAME_RATIO = 0.01

Size = tuple[int, int]


class TurnedPictures:
    """Converts boxes to boxes on the upright picture.

    Args:
      exif: `upright` if the tool drew boxes on the upright picture, `stored` if on the stored pixels, `auto` to decide
        by the sizes in the labels. Labels without sizes count as upright.
      pages: all pages that are read.
    """

    def __init__(self, exif: str, pages: Sequence[MarkedPage]) -> None:
        self._exif = exif
        self._orientations = {
            _place(page): orientation_of(page.picture, page.frame or 0) for page in pages if page.picture
        }
        self._drawn_on, self._swapping = self._decide(pages)
        self._counts: collections.Counter[str] = collections.Counter()

    def boxes(self, page: MarkedPage) -> tuple[np.ndarray, Size | None]:
        """The boxes of a page on its upright picture.

        Args:
          page: with a picture.

        Returns:
          (float32 [n, 4], ymin, xmin, ymax, xmax as shares of the upright page, not checked; height and width of the
          upright page that the labels give, None if they give none).

        Raises:
          BadScan: the size of the picture cannot be read, and its boxes are in pixels.
          ValueError: the page has no picture.
        """
        picture = page.picture
        if picture is None:
            raise ValueError(f"{page.name} has no picture")
        orientation, shown = self._orientations[_place(page)], page.frame or 0
        frame = self._frame(page, orientation)
        if orientation != 1:
            self._counts[frame] += 1
        size = page.size
        if size and orientation in SIDEWAYS and _ratio_is(size, stored_size_of(picture, shown)):
            size = size[::-1]
        boxes = np.array([mark.box for mark in page.marks], np.float64).reshape(-1, 4)
        if not page.shares:
            height, width = size or upright_size_of(picture, shown)
            if frame == STORED and orientation in SIDEWAYS:
                height, width = width, height
            boxes = boxes / np.array([height, width, height, width])
        if frame == STORED and orientation != 1:
            boxes = turn_boxes(boxes, orientation)
        return boxes.astype(np.float32), size

    def notes(self) -> list[tuple[str, str]]:
        """(label, sentence) lines on the decision for turned pictures; call it after `boxes` of all pages."""
        meant = {
            STORED: "drawn on the stored pixels, and are turned (if the tool showed them upright: "
            "dataset.exif=upright)",
            UPRIGHT: "drawn on the upright picture (if the tool showed the stored pixels, as labelImg and VoTT do: "
            "dataset.exif=stored)",
        }
        return [
            (
                "exif",
                f"{count:,} picture{'s are' if count > 1 else ' is'} turned by EXIF; boxes count as {meant[frame]}",
            )
            for frame, count in sorted(self._counts.items())
        ]

    def _frame(self, page: MarkedPage, orientation: int) -> str:
        """`stored` or `upright`: what the boxes of a page were drawn on."""
        if self._exif != AUTO:
            return self._exif
        if not page.size or not page.picture or orientation == 1:
            return UPRIGHT
        if page.labels.suffix in self._swapping:
            return UPRIGHT
        if orientation in SIDEWAYS and not _is_square(page.size):
            return STORED if _ratio_is(page.size, stored_size_of(page.picture, page.frame or 0)) else UPRIGHT
        return self._drawn_on.get(page.labels.suffix, STORED)

    def _decide(self, pages: Sequence[MarkedPage]) -> tuple[dict[str, str], set[str]]:
        """Finds out from sideways pictures how the tool that wrote labels of one suffix works.

        Returns:
          (suffix -> whose size the labels give, `upright` or `stored`; suffixes of labels that give the stored size
          and a box that fits only the upright picture, as Label Studio's do: it swaps height and width, not boxes).
        """
        drawn_on: dict[str, str] = {}
        swapping: set[str] = set()
        for page in pages:
            picture, size, suffix = page.picture, page.size, page.labels.suffix
            if not picture or not size or self._orientations[_place(page)] not in SIDEWAYS or _is_square(size):
                continue
            if not _ratio_is(size, stored_size_of(picture, page.frame or 0)):
                drawn_on.setdefault(suffix, UPRIGHT)
                continue
            drawn_on[suffix] = STORED
            if not page.shares and any(_fits_turned_only(mark.box, size) for mark in page.marks):
                swapping.add(suffix)
        return drawn_on, swapping


def _place(page: MarkedPage) -> tuple[Path | None, int]:
    return page.picture, page.frame or 0


def _is_square(size: Size) -> bool:
    return _ratio_is(size, size[::-1])


def _ratio_is(size: Size, other: Size) -> bool:
    return abs(size[0] * other[1] / (size[1] * other[0]) - 1) <= _SAME_RATIO


def _fits_turned_only(box: Sequence[float], size: Size) -> bool:
    _, _, bottom, right = box
    height, width = size
    return (bottom > height + 1 or right > width + 1) and bottom <= width + 1 and right <= height + 1
