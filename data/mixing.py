"""Mixes several datasets in one stream of examples without state: each position determines its example."""

import dataclasses
from collections.abc import Sequence

import numpy as np

_BLOCK = 1000
"""Positions after which the order of the parts repeats; a share is exact to a thousandth."""


@dataclasses.dataclass(frozen=True, eq=False)
class Mixing:
    """Which part of a mixture each position of a stream takes its example from.

    The parts are spread evenly, so that the shares of even a small batch are close to the weights. A single part has
    every position.

    Attributes:
      part: int64 [block], the part of each position in a block.
      before: int64 [block], how many positions of the same part are before it in the block.
      counts: int64 [parts], positions of each part in a block.
    """

    part: np.ndarray
    before: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, weights: Sequence[float]) -> "Mixing":
        """A mixture of parts by their weights, of which at least one is above 0; 0 leaves a part out."""
        counts = _counts(np.asarray(weights, np.float64))
        times = [(np.arange(count) + 0.5) / count for count in counts]
        order = np.argsort(np.concatenate(times), kind="stable")
        part = np.repeat(np.arange(len(counts)), counts)[order]
        before = np.concatenate([np.arange(count) for count in counts])[order]
        return cls(part, before, counts)

    @property
    def shares(self) -> np.ndarray:
        """float64 [parts], of all examples; their sum is 1."""
        return self.counts / self.counts.sum()

    def at(self, position: int) -> tuple[int, int]:
        """(the part at a position, how many examples of that part are before it)."""
        block, place = divmod(position, len(self.part))
        part = int(self.part[place])
        return part, block * int(self.counts[part]) + int(self.before[place])


def _counts(weights: np.ndarray) -> np.ndarray:
    """Positions of each part in a block, int64 [parts], by largest remainders; at least one if its weight is not 0."""
    if np.count_nonzero(weights) == 1:
        return (weights > 0).astype(np.int64)
    wanted = weights / weights.sum() * _BLOCK
    counts = np.maximum(np.floor(wanted), weights > 0).astype(np.int64)
    missing = max(0, _BLOCK - int(counts.sum()))
    counts[np.argsort(np.floor(wanted) - wanted, kind="stable")[:missing]] += 1
    return counts
