"""Sheets of a dataset's samples with their labels, for mode=inspect."""

from pathlib import Path

import numpy as np

from data.ink import unpack
from data.pages.page_augmentation import fit
from data.pages.page_pools import PagePools
from data.signatures.pair_pools import PairPools
from models.page_drawing import draw_boxes, save_pages
from models.pictures import save_sheet, triptych

_COLUMNS = 4


def draw_page_samples(data: PagePools, size: tuple[int, int], path: Path, count: int) -> None:
    """Pages spread evenly over both sides, training first, with their boxes.

    Args:
      data: the dataset.
      size: (height, width) of each page on the sheet.
      path: of the picture.
      count: how many, at most.
    """
    drawn = []
    for side, wanted in zip(
        (data.train, data.validation), _halves(count, len(data.train), len(data.validation)), strict=True
    ):
        for index in _spread(len(side), wanted):
            page, extent = fit(side.page(index), size)
            boxes, labels = side.objects(index)
            drawn.append(draw_boxes(page, boxes * np.tile(extent, 2), labels))
    save_pages(path, drawn, _COLUMNS)


def draw_pair_samples(data: PairPools, path: Path, count: int) -> None:
    """Pairs spread evenly over both sides, training first: noisy, and the clean signature that is its label."""
    train, validation = _halves(count, len(data.ink), len(data.validation_clean))
    pairs = []
    for number, index in enumerate(_spread(len(data.ink), train)):
        ink = data.ink[index, number % data.ink.shape[1]]
        pairs.append((ink | data.noise[index % len(data.noise)], ink))
    pairs += [
        (data.validation_noisy[i], data.validation_clean[i]) for i in _spread(len(data.validation_clean), validation)
    ]
    shown = [triptych(*(1.0 - unpack(picture) for picture in pair)) for pair in pairs]
    save_sheet(path, shown, titles=("noisy", "clean"))


def _halves(count: int, first: int, second: int) -> tuple[int, int]:
    """How many of two sides make `count`, half and half where both have enough."""
    of_second = min(second, max(count // 2, count - first))
    return min(first, count - of_second), of_second


def _spread(length: int, count: int) -> list[int]:
    return np.unique(np.linspace(0, length - 1, count, dtype=int)).tolist() if count else []
