"""The loaded data of a detector: the pages of one dataset, or of the parts of a mixture."""

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np

from data.pages.page_augmentation import Augmentation
from data.pages.page_classes import CLASSES
from data.pages.page_pools import PagePools, PageSet
from data.parts import Part, Parts


class JoinedPages:
    """Pages of several sets, concatenated, with the interface of `PageSet`.

    Args:
      sets: one or more.
    """

    def __init__(self, sets: Sequence[PageSet]) -> None:
        self._sets = list(sets)
        self._first = np.cumsum([0, *(len(each) for each in sets)])

    def __len__(self) -> int:
        return int(self._first[-1])

    @functools.cached_property
    def labels(self) -> np.ndarray:
        """Labels of the objects of all pages, int64 [m]."""
        return np.concatenate([each.labels for each in self._sets])

    @functools.cached_property
    def full_sizes(self) -> np.ndarray:
        """Height and width of each page as shipped, int64 [n, 2]."""
        return np.concatenate([each.full_sizes for each in self._sets])

    def page(self, index: int) -> np.ndarray:
        """A cached page, uint8 [h, w], 0 black to 255 white. Raises IndexError."""
        pages, number = self._find(index)
        return pages.page(number)

    def objects(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """(boxes float32 [k, 4], labels int64 [k]) of a page."""
        pages, number = self._find(index)
        return pages.objects(number)

    def name(self, index: int) -> str:
        """The name of a page."""
        pages, number = self._find(index)
        return pages.name(number)

    def full_page(self, index: int) -> np.ndarray:
        """A page as shipped, uint8 [H, W], decoded from its shard."""
        pages, number = self._find(index)
        return pages.full_page(number)

    def _find(self, index: int) -> tuple[PageSet, int]:
        if not 0 <= index < len(self):
            raise IndexError(f"page {index} of {len(self)}")
        which = int(np.searchsorted(self._first, index, side="right")) - 1
        return self._sets[which], int(index - self._first[which])


Pages = PageSet | JoinedPages


@dataclasses.dataclass(frozen=True, eq=False)
class PagePart(Part[PagePools]):
    """One dataset of pages.

    Attributes:
      augmentation: amounts by which its training pages are varied.
      learns_boxes: whether the network's boxes follow those of its labels. If not, the network learns from its pages
        where objects are and of which class.
    """

    augmentation: Augmentation
    learns_boxes: bool = True

    @property
    def known(self) -> np.ndarray:
        """bool [classes + 1]: the classes that its labels include, the background first.

        The labels of a part of a mixture include the classes of which its training pages have a box. If no page has a
        date, dates are not labelled, and a date on one of its pages is not background. The labels of a single dataset
        include all classes.
        """
        known = np.ones(len(CLASSES) + 1, bool)
        if self.name:
            known[1:] = np.isin(np.arange(1, len(CLASSES) + 1), self.pools.train.labels)
        return known


class PageData(Parts[PagePart]):
    """The dataset of a detector."""

    @staticmethod
    def join(splits: Sequence[PageSet]) -> JoinedPages:
        return JoinedPages(splits)

    @functools.cached_property
    def train(self) -> Pages:
        """The training pages of all parts."""
        return self.join_all([part.pools.train for part in self.parts])

    @property
    def records(self) -> int:
        """Number of records, bad ones included."""
        return sum(part.pools.records for part in self.parts)
