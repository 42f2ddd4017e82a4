"""Corrects the boxes of pages that an augmentation tool tilted after they were labelled.

Such a tool turns a page and its boxes by a few degrees, and keeps the upright box around the turned one. For a wide
signature this box has up to twice the area, so that a model learns boxes that are too large for other pages.
"""

import collections
import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from data.labelled_pages import LabelledDataset, LabelledPage
from data.parallel import map_chunks, Progress
from data.pictures.document_pages import read_page
from data.pictures.reading import BadScan
from data.pictures.tilt import tilt_of
from data.splits.document_names import labelled_page

AUTO, LABELLED, TURNED = "auto", "labelled", "turned"

_LEAST_TILT = 1.5
"""Smallest tilt in degrees; scans of paper are tilted by less, and their boxes were drawn on the tilted page."""

_LEAST_SIDE = 0.2
"""Smallest side of the turned box, as a share of the box around it; a smaller result means that no box was turned."""

_CHUNK = 8


def tighten(dataset: LabelledDataset, tilted: str, progress: Progress | None = None) -> LabelledDataset:
    """Replaces boxes around turned boxes by the boxes around the ellipses that the turned boxes enclose.

    Writing seldom fills the corners of its box. Augmentation in training turns pages and boxes in the same way
    (`data.pages.page_augmentation`).

    Args:
      dataset: with the part that each page belongs to.
      tilted: `labelled` to replace nothing; `turned` to replace the boxes of every tilted page; `auto` to replace those
        of tilted pages that, by their names, are one of several versions that a tool made in their part. Copies and
        other scans of a page are no such versions.
      progress: called after every chunk.
    """
    if tilted == LABELLED:
        return dataset
    chosen = [number for number, page in enumerate(dataset.pages) if len(page.boxes)]
    if tilted == AUTO:
        made_of = [labelled_page(page.name) for page in dataset.pages]
        groups = [(name, page.split) for name, page in zip(made_of, dataset.pages, strict=True)]
        versions = collections.Counter(groups)
        chosen = [number for number in chosen if versions[groups[number]] > 1]
    if not chosen:
        return dataset
    boxes = [
        each for chunk in map_chunks(_tightened, [dataset.pages[n] for n in chosen], _CHUNK, progress) for each in chunk
    ]
    pages, changed = list(dataset.pages), 0
    for number, tight in zip(chosen, boxes, strict=True):
        if tight is not None:
            pages[number] = dataclasses.replace(pages[number], boxes=tight)
            changed += 1
    if not changed:
        return dataset
    why = "versions of a scan" if tilted == AUTO else f"dataset.tilted={TURNED}"
    note = f"{changed:,} pages were tilted after they were labelled ({why}): their boxes were tightened"
    return dataclasses.replace(dataset, pages=pages, notes=[*dataset.notes, ("tilted", note)])


def _tightened(pages: Sequence[LabelledPage]) -> list[np.ndarray | None]:
    """The new boxes of each page, None if they do not change; runs in a worker process."""
    return [_boxes_of(page) for page in pages]


def _boxes_of(page: LabelledPage) -> np.ndarray | None:
    if page.path is None or not page.path.exists():
        return None
    try:
        pixels = read_page(page.path, page.frame)
    except BadScan:
        return None  # reported when the page is checked
    tilt = abs(tilt_of(pixels))
    if tilt < _LEAST_TILT:
        return None
    sides = np.tile(pixels.shape, 2)
    boxes = np.array([tight_box(box, tilt) for box in page.boxes * sides], np.float32).reshape(-1, 4) / sides
    tight: np.ndarray = boxes.astype(np.float32)
    return None if np.array_equal(tight, page.boxes) else tight


def tight_box(box: np.ndarray, degrees: float) -> np.ndarray:
    """The box around the ellipse in a turned box, computed from the upright box around the turned box.

    Args:
      box: float [4], ymin, xmin, ymax, xmax in pixels, around a box that was turned.
      degrees: how far it was turned, 0 to 30.

    Returns:
      float [4]; `box` itself if no turned box fits into it.
    """
    height, width = box[2] - box[0], box[3] - box[1]
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    size = np.linalg.solve([[cos, sin], [sin, cos]], [width, height])  # width and height before it was turned
    if (size < _LEAST_SIDE * np.array([width, height])).any():
        return box
    half_width, half_height = np.hypot(*(np.array([[cos, sin], [sin, cos]]) * size / 2).T)
    middle_y, middle_x = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return np.array([middle_y - half_height, middle_x - half_width, middle_y + half_height, middle_x + half_width])
