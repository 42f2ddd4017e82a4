"""Pages on disk with their boxes, before they become records: what every labelled dataset is read into."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class LabelledPage:
    """A picture file and what is marked on it.

    Attributes:
      name: unique in the dataset.
      path: of the picture; None if it is not there.
      boxes: float32 [n, 4], ymin, xmin, ymax, xmax as shares of the page, not checked yet.
      labels: int64 [n], 1 and up, see `data.pages.page_classes`.
      document: pages of one document belong to one part of a split.
      source: the collection that it comes from.
      size: height and width in pixels that the labels speak of; None if they do not say.
      split: `train`, `validation` or `test`; "" where the dataset does not say.
      frame: which page of the file it is, from 0, where a TIFF or PDF file holds several.
    """

    name: str
    path: Path | None
    boxes: np.ndarray
    labels: np.ndarray
    document: str
    source: str
    size: tuple[int, int] | None = None
    split: str = ""
    frame: int = 0


Dropped = tuple[str, str]
"""(name of a page or a place in a file, why it was left out)."""


def box_arrays(boxes: Sequence[Sequence[float]], labels: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Lists of boxes and labels, which may be empty, as arrays."""
    return np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64)


@dataclasses.dataclass(frozen=True)
class LabelledDataset:
    """All of a dataset's pages as its labels describe them.

    Attributes:
      pages: not checked yet.
      dropped: pages and labels that cannot be used; they count as bad.
      notes: (label, sentence) lines about what was found in the labels, for people.
      metadata: the same for programs.
      ignored: what is left out and not bad, such as pictures that nobody labelled.
      page_of: name of the page that a name in `dropped` belongs to, where that is the place of a label.
      parts_of: by name of a page that label files of several parts of a split list, these parts.
    """

    pages: list[LabelledPage]
    dropped: list[Dropped] = dataclasses.field(default_factory=list)
    notes: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    metadata: dict[str, Any] = dataclasses.field(default_factory=dict)
    ignored: list[Dropped] = dataclasses.field(default_factory=list)
    page_of: dict[str, str] = dataclasses.field(default_factory=dict)
    parts_of: dict[str, list[str]] = dataclasses.field(default_factory=dict)
