"""Turns pages back that an augmentation tool tilted after they were labelled, and restores their boxes.

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
from data.pictures.tilt import tilt_of, turned_back
from data.splits.document_names import labelled_page

AUTO, LABELLED, TURNED = "auto", "labelled", "turned"

_LEAST_TILT = 1.5
"""Smallest tilt in degrees; scans of paper are tilted by less, and their boxes were drawn on the tilted page."""

_LEAST_SIDE = 0.2
"""Smallest side of the turned box, as a share of the box around it; a smaller result means that no box was turned."""

_LEAST_INSIDE = 0.5
"""Share of each box that lies on the page turned back; less means that the page was not turned about its middle."""

_CHUNK = 8


def straighten(dataset: LabelledDataset, tilted: str, progress: Progress | None = None) -> LabelledDataset:
    """Turns tilted pages back, and restores the boxes that they had before they were tilted.

    Args:
      dataset: with the part that each page belongs to.
      tilted: `labelled` to turn no page; `turned` to turn every tilted page; `auto` to turn those tilted pages that, by
        their names, are one of several versions that a tool made in their part. Copies and other scans of a page are no
        such versions.
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
    pages, changed = list(dataset.pages), 0
    chunks = map_chunks(_straight, [pages[number] for number in chosen], _CHUNK, progress) if chosen else ()
    for number, page in zip(chosen, (page for chunk in chunks for page in chunk), strict=True):
        changed += page.tilt != 0
        pages[number] = page
    if not changed:
        return dataset
    why = "versions of a scan" if tilted == AUTO else f"dataset.tilted={TURNED}"
    pages_were = "page was" if changed == 1 else "pages were"
    note = f"{changed:,} {pages_were} tilted after being labelled ({why}), and turned back with the boxes"
    return dataclasses.replace(dataset, pages=pages, notes=[*dataset.notes, ("tilted", note)])


def _straight(pages: Sequence[LabelledPage]) -> list[LabelledPage]:
    """The pages, with their tilt and other boxes where they were tilted; runs in a worker process."""
    return [_straight_page(page) for page in pages]


def _straight_page(page: LabelledPage) -> LabelledPage:
    if page.path is None or not page.path.exists():
        return page
    try:
        pixels = read_page(page.path, page.frame)
    except BadScan:
        return page  # reported when the page is checked
    tilt = tilt_of(pixels)
    if abs(tilt) < _LEAST_TILT:
        return page
    sides = np.tile(pixels.shape, 2)
    boxes = np.array([box_before(box, tilt, pixels.shape) for box in page.boxes * sides]) / sides
    cut = boxes.clip(0, 1)
    if (_areas(cut) < _LEAST_INSIDE * _areas(boxes)).any():
        return page
    return dataclasses.replace(page, boxes=cut.astype(np.float32), tilt=tilt)


def _areas(boxes: np.ndarray) -> np.ndarray:
    return np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)


def box_before(box: np.ndarray, degrees: float, shape: tuple[int, ...]) -> np.ndarray:
    """The box that was turned with its page, of which the upright box around it is known.

    Args:
      box: float [4], ymin, xmin, ymax, xmax in pixels, around a box that was turned.
      degrees: how far the page was turned, see `data.pictures.tilt.tilt_of`.
      shape: height and width of the page.

    Returns:
      float [4], on the page turned back. It has the size of `box` where no turned box fits into that.
    """
    ymin, xmin, ymax, xmax = box
    cos, sin = math.cos(math.radians(abs(degrees))), math.sin(math.radians(abs(degrees)))
    around = np.array([xmax - xmin, ymax - ymin])
    size = np.linalg.solve([[cos, sin], [sin, cos]], around)
    if (size < _LEAST_SIDE * around).any():
        size = around
    (x, y), (half_width, half_height) = turned_back((xmin + xmax) / 2, (ymin + ymax) / 2, degrees, shape), size / 2
    return np.array([y - half_height, x - half_width, y + half_height, x + half_width])
