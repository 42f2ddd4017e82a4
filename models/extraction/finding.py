"""The detections on a page, without boxes of two classes on the same ink."""

import dataclasses
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from data.pages.page_classes import CLASSES
from data.pictures.averaging import block_means
from models.detector.evaluation import find_boxes
from models.detector.suppression import SAME_OBJECT


@dataclasses.dataclass(frozen=True)
class Found:
    """A detection.

    Attributes:
      kind: its class: signature, initials, redaction or date.
      score: in [0, 1].
      box: left, top, right, bottom in pixels of the page.
    """

    kind: str
    score: float
    box: tuple[float, float, float, float]


class Finder:
    """Detects on pages of any size.

    Args:
      detector: an export, loaded by `models.detector.export.load_detector`.
      size: height and width of the network's input in pixels; None if it is not known. A page with both sides more than
        twice as long is first downscaled by a whole number, several times faster than in the export.
      min_score: least score of a detection.
    """

    def __init__(self, detector: Callable[[tf.Tensor], dict], size: tuple[int, int] | None, min_score: float) -> None:
        self._detector, self._size, self._min_score = detector, size, min_score

    def find(self, page: np.ndarray) -> list[Found]:
        """The detections on a page, uint8 [H, W], from the top down."""
        side = self._block_side(page)
        boxes, labels, scores = find_boxes(self._detector, page if side == 1 else block_means(page, side))
        boxes = boxes * side
        chosen: list[Found] = []
        for (top, left, bottom, right), label, score in zip(boxes, labels, scores, strict=True):
            box = (float(left), float(top), float(right), float(bottom))
            if min(right - left, bottom - top) < 1:
                continue  # nothing of it is on the page
            if score >= self._min_score and not any(overlap(box, other.box) > SAME_OBJECT for other in chosen):
                chosen.append(Found(CLASSES[int(label) - 1], float(score), box))
        return sorted(chosen, key=lambda found: (found.box[1], found.box[0]))

    def _block_side(self, page: np.ndarray) -> int:
        """Pixels of the page for one of what the detector gets, along each side."""
        if self._size is None:
            return 1
        return max(1, min(side // (2 * limit) for side, limit in zip(page.shape, self._size, strict=True)))


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """Intersection over union of two boxes, each left, top, right, bottom."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)
