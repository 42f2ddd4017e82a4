"""Chooses the samples of a dataset that a sheet shows."""

import numpy as np


def halves(count: int, first: int, second: int) -> tuple[int, int]:
    """Sizes of two samples of `count` examples in all, half from each split if both splits have enough."""
    of_second = min(second, max(count // 2, count - first))
    return min(first, count - of_second), of_second


def spread(length: int, count: int) -> list[int]:
    """At most `count` indices spread evenly from 0 to `length - 1`."""
    return np.unique(np.linspace(0, length - 1, count, dtype=int)).tolist() if count else []
