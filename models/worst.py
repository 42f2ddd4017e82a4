"""The worst examples of an evaluation."""

import dataclasses
import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # every start of the program imports this module
    import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Example:
    """An example that was measured.

    Attributes:
      quality: of the model's output, 0 to 1.
      name: of the example in its dataset.
      picture: uint8, the example as a picture.
    """

    quality: float
    name: str
    picture: "np.ndarray"


class WorstExamples:
    """Keeps the offered examples of the lowest quality; of equal ones, the first.

    Args:
      count: how many.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._kept: list[tuple[float, int, Example]] = []
        self._offered = 0

    def offer(self, quality: float, name: str, draw: Callable[[], "np.ndarray"]) -> None:
        """Keeps an example if it is among the worst so far; only then is it drawn."""
        self._offered += 1
        if self._count and (len(self._kept) < self._count or -quality > self._kept[0][0]):
            if len(self._kept) == self._count:
                heapq.heappop(self._kept)
            heapq.heappush(self._kept, (-quality, -self._offered, Example(quality, name, draw())))

    def ranked(self) -> list[Example]:
        """Those kept, the worst first."""
        return [example for *_, example in sorted(self._kept, key=lambda kept: kept[:2], reverse=True)]
