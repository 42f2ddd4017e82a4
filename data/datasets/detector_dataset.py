"""The base class of the detector's datasets: pages, or a mixture of several datasets."""

import abc
import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from data.datasets.dataset import Dataset
from data.parallel import Progress

if TYPE_CHECKING:
    from data.pages.canvas import Canvas
    from data.pages.page_data import PageData


@dataclasses.dataclass
class DetectorDataset(Dataset, abc.ABC):
    """Pages with boxes."""

    @abc.abstractmethod
    def load(self, canvas: "Canvas", progress: Callable[[str], Progress] | None = None) -> "PageData":
        """Reads or builds the cached pages.

        Args:
          canvas: size of the network's input.
          progress: makes a progress callback for a named stage.

        Raises:
          UserError: the dataset does not exist, or too much of it is bad.
        """

    def preparation_report(self) -> list[tuple[str, str]]:
        """(label, text) lines on how the project split the pages; none if it did not split them."""
        return []
