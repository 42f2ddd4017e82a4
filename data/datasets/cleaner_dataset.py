"""The base class of the cleaner's datasets: signatures, or a mixture of several datasets."""

import abc
import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from data.datasets.dataset import Dataset
from data.parallel import Progress

if TYPE_CHECKING:
    from data.signatures.pair_data import PairData


@dataclasses.dataclass
class CleanerDataset(Dataset, abc.ABC):
    """Pairs of a noisy and a clean signature."""

    @abc.abstractmethod
    def load(self, progress: Callable[[str], Progress] | None = None) -> "PairData":
        """Reads or builds the pools from which pairs are drawn.

        Args:
          progress: makes a progress callback for a named stage.

        Raises:
          UserError: the dataset does not exist, or too much of it is bad.
        """
