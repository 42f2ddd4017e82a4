"""Places pages on the canvas, the input of the network."""

import dataclasses

import cv2
import numpy as np

Size = tuple[int, int]
"""(height, width) in pixels."""


@dataclasses.dataclass(frozen=True)
class Canvas:
    """The input of the network, on which a page is placed.

    Attributes:
      size: height and width in pixels.
      stretched: whether the page fills the canvas, with height and width scaled separately; otherwise the page keeps
        its aspect ratio and lies at the top left. Stretched pages use more pixels if the aspect ratios differ.
    """

    size: Size
    stretched: bool = False

    def scales(self, page: Size) -> tuple[float, float]:
        """Factors of a page's height and width that fit it to the canvas."""
        height, width = self.size[0] / page[0], self.size[1] / page[1]
        return (height, width) if self.stretched else (min(height, width),) * 2

    def extent(self, page: Size) -> Size:
        """Height and width in pixels, at least 1, of a page on the canvas."""
        height, width = (
            min(limit, max(1, round(side * scale)))
            for side, scale, limit in zip(page, self.scales(page), self.size, strict=True)
        )
        return height, width

    def larger(self, factor: float) -> "Canvas":
        """The same canvas with sides longer by a factor."""
        height, width = (round(side * factor) for side in self.size)
        return dataclasses.replace(self, size=(height, width))


def paper_value(page: np.ndarray) -> int:
    """The grey value around a page, uint8 [H, W], on the canvas: 255, or 0 if the page is mostly dark."""
    return 255 if page.mean() > 127 else 0


def shrink(page: np.ndarray, canvas: Canvas) -> np.ndarray:
    """Shrinks the sides of a page, uint8 [H, W], that are too long for the canvas, by averaging areas."""
    extent = canvas.extent(page.shape)
    height, width = min(page.shape[0], extent[0]), min(page.shape[1], extent[1])
    if (height, width) == page.shape:
        return page
    return cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA)


def fit(page: np.ndarray, canvas: Canvas) -> tuple[np.ndarray, Size]:
    """Places a page on a canvas as large as possible.

    Args:
      page: uint8 [h, w], from `shrink`; a smaller page is enlarged.
      canvas: the canvas.

    Returns:
      (uint8 [height, width] canvas, height and width of the page on it).
    """
    height, width = canvas.extent(page.shape)
    result = np.full(canvas.size, paper_value(page), np.uint8)
    if (height, width) != page.shape:
        page = cv2.resize(page, (width, height), interpolation=cv2.INTER_LINEAR)
    result[:height, :width] = page
    return result, (height, width)
