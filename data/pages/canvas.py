"""Where a page lies on what the network sees of it."""

import dataclasses

import cv2
import numpy as np

Size = tuple[int, int]
"""(height, width) in pixels."""


@dataclasses.dataclass(frozen=True)
class Canvas:
    """What the network sees of a page.

    Attributes:
      size: height and width in pixels.
      stretched: the page fills the canvas, each side scaled on its own; otherwise the page keeps the ratio of its
        sides and lies at the top left. A page of another shape than the canvas has more pixels on it if stretched.
    """

    size: Size
    stretched: bool = False

    def scales(self, page: Size) -> tuple[float, float]:
        """Factors of a page's height and width that make it just fit."""
        height, width = self.size[0] / page[0], self.size[1] / page[1]
        return (height, width) if self.stretched else (min(height, width),) * 2

    def extent(self, page: Size) -> Size:
        """Height and width in pixels of a page, at least 1, as it lies on the canvas."""
        height, width = (
            min(limit, max(1, round(side * scale)))
            for side, scale, limit in zip(page, self.scales(page), self.size, strict=True)
        )
        return height, width

    def larger(self, factor: float) -> "Canvas":
        """The same canvas with longer sides."""
        height, width = (round(side * factor) for side in self.size)
        return dataclasses.replace(self, size=(height, width))


def paper_value(page: np.ndarray) -> int:
    """What surrounds a page, uint8 [H, W], on the canvas: 255, or 0 if the page is mostly dark."""
    return 255 if page.mean() > 127 else 0


def shrink(page: np.ndarray, canvas: Canvas) -> np.ndarray:
    """Shrinks the sides of a page, uint8 [H, W], that are too long for the canvas, by averaging areas."""
    extent = canvas.extent(page.shape)
    height, width = min(page.shape[0], extent[0]), min(page.shape[1], extent[1])
    if (height, width) == page.shape:
        return page
    return cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA)


def fit(page: np.ndarray, canvas: Canvas) -> tuple[np.ndarray, Size]:
    """Puts a page on a canvas as large as it fits.

    Args:
      page: uint8 [h, w], shrunk already (`shrink`); a smaller one is enlarged.
      canvas: where to.

    Returns:
      (uint8 canvas, height and width of the page on it).
    """
    height, width = canvas.extent(page.shape)
    result = np.full(canvas.size, paper_value(page), np.uint8)
    if (height, width) != page.shape:
        page = cv2.resize(page, (width, height), interpolation=cv2.INTER_LINEAR)
    result[:height, :width] = page
    return result, (height, width)
