"""Labelled pages on disk: the form into which every labelled dataset is read before it becomes records."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class LabelledPage:
    """A picture file and its boxes.

    Attributes:
      name: unique in the dataset.
      path: of the picture; None if it does not exist.
      boxes: float32 [n, 4], ymin, xmin, ymax, xmax as shares of the page, not checked yet.
      labels: int64 [n], 1 and up, see `data.pages.page_classes`.
      document: pages of one document belong to one part of a split.
      source: the collection that it comes from.
      size: height and width in pixels that the labels give; None if they give none.
      split: `train`, `validation` or `test`; "" if the dataset names no part.
      frame: index of the page in a TIFF or PDF file, from 0.
      tilt: degrees that the picture was turned by after it was labelled (`data.pictures.tilt`); the boxes lie on the
        page turned back.
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
    tilt: float = 0.0


Dropped = tuple[str, str]
"""(name of a page or a place in a file, why it was left out)."""


def box_arrays(boxes: Sequence[Sequence[float]], labels: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Lists of boxes and labels, possibly empty, as arrays: float32 [n, 4] and int64 [n]."""
    return np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64)


@dataclasses.dataclass(frozen=True)
class LabelledDataset:
    """All of a dataset's pages as its labels describe them.

    Attributes:
      pages: not checked yet.
      dropped: pages and labels that cannot be used; they count as bad.
      notes: (label, sentence) lines about what was found in the labels, for people.
      metadata: the same for programs, JSON-serialisable.
      ignored: what is left out but not bad, such as pictures without labels.
      page_of: name in `dropped` that is the place of a label -> name of its page.
      parts_of: name of a page that the label files of several parts list -> these parts.
    """

    pages: list[LabelledPage]
    dropped: list[Dropped] = dataclasses.field(default_factory=list)
    notes: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    metadata: dict[str, Any] = dataclasses.field(default_factory=dict)
    ignored: list[Dropped] = dataclasses.field(default_factory=list)
    page_of: dict[str, str] = dataclasses.field(default_factory=dict)
    parts_of: dict[str, list[str]] = dataclasses.field(default_factory=dict)
