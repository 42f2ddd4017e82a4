"""Which samples stand for a dataset on a sheet."""

import numpy as np


def halves(count: int, first: int, second: int) -> tuple[int, int]:
    """How many of two splits make `count`, half and half where both have enough."""
    of_second = min(second, max(count // 2, count - first))
    return min(first, count - of_second), of_second


def spread(length: int, count: int) -> list[int]:
    """Indices spread evenly over so many samples, the first and the last among them."""
    return np.unique(np.linspace(0, length - 1, count, dtype=int)).tolist() if count else []
