"""Small pages with boxes, for the tests of the detector."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from data.fingerprint import Fingerprint
from data.pages.page_augmentation import Augmentation
from data.pages.page_data import PageData, PagePart
from data.pages.page_pools import PagePools, PageSet
from data.pages.page_records import serialise_page
from data.pages.tf_examples import write_records

STILL = Augmentation(scale=(1.0, 1.0), stretch=0.0, rotation=0.0, thickness=0.0, noise=0.0, inverted=0.0)
"""Shows every page as it is."""

MarkedPage = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Pixels uint8 [H, W], boxes float32 [n, 4] as shares of the page, labels int64 [n]."""


def marked_page(size: tuple[int, int], *objects: tuple[int, int, int, int], ink: int = 0) -> MarkedPage:
    """White paper with filled blocks, ymin, xmin, ymax, xmax in pixels; they are labelled 1, 2, 3, 4, 1, ..."""
    pixels = np.full(size, 255, np.uint8)
    for top, left, bottom, right in objects:
        pixels[top:bottom, left:right] = ink
    boxes = (np.array(objects, np.float32).reshape(-1, 4) / np.tile(size, 2)).astype(np.float32)
    return pixels, boxes, np.arange(len(objects), dtype=np.int64) % 4 + 1


def write_shard(path: Path, pages: Sequence[MarkedPage]) -> Path:
    """Writes pages as a TFRecord shard; page n is called `<shard>_n.png`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_records(path, [serialise_page(f"{path.stem}_{number}.png", *page) for number, page in enumerate(pages)])
    return path


def page_set(pages: Sequence[MarkedPage]) -> PageSet:
    """Pages in memory, with twice their size as the size as shipped."""
    sizes = np.array([pixels.shape for pixels, _, _ in pages], np.int64)
    areas = sizes.prod(axis=1)
    return PageSet(
        np.concatenate([pixels.reshape(-1) for pixels, _, _ in pages]),
        offsets=np.cumsum(areas) - areas,
        sizes=sizes,
        full_sizes=2 * sizes,
        boxes=np.concatenate([boxes for _, boxes, _ in pages]),
        labels=np.concatenate([labels for _, _, labels in pages]),
        first_box=np.concatenate([[0], np.cumsum([len(labels) for _, _, labels in pages])]),
        names=[f"page_{number}.png" for number in range(len(pages))],
        positions=[("nowhere", 0, number) for number in range(len(pages))],
    )


def page_part(pages: PageSet, augmentation: Augmentation = STILL, name: str = "", weight: float = 1.0) -> PagePart:
    """A dataset with the same pages in both splits."""
    return PagePart(name, weight, PagePools(pages, pages, [], len(pages), "", Fingerprint("", 0, 0)), augmentation)


def page_data(pages: PageSet, augmentation: Augmentation = STILL) -> PageData:
    """A dataset that is no mixture."""
    return PageData((page_part(pages, augmentation),))
