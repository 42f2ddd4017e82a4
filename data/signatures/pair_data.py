"""The loaded data of a cleaner: the pairs of one dataset, or of the parts of a mixture."""

from collections.abc import Sequence

import numpy as np

from data.parts import Part, Parts
from data.signatures.pair_pools import FixedPairs, PairPools


class PairPart(Part[PairPools]):
    """One dataset of signatures."""


class PairData(Parts[PairPart]):
    """The dataset of a cleaner."""

    @staticmethod
    def join(splits: Sequence[FixedPairs]) -> FixedPairs:
        return FixedPairs(in_one([each.noisy for each in splits]), in_one([each.clean for each in splits]))

    @property
    def signatures(self) -> int:
        """Number of training signatures."""
        return sum(len(part.pools.ink) for part in self.parts)

    @property
    def ink(self) -> np.ndarray:
        """Training signatures, uint8 [signatures, variants, 224, 28], with as many variants as every part has."""
        fewest = min(part.pools.ink.shape[1] for part in self.parts)
        return in_one([part.pools.ink[:, :fewest] for part in self.parts])

    @property
    def noise(self) -> np.ndarray:
        """The printed noise of all parts, uint8 [layers, 224, 28]."""
        return in_one([part.pools.noise for part in self.parts])

    @property
    def validation_noisy(self) -> np.ndarray:
        """The noisy pictures of the validation pairs, packed, uint8 [n, 224, 28]."""
        return self.validation.noisy

    @property
    def validation_clean(self) -> np.ndarray:
        """The clean pictures of the validation pairs, packed, uint8 [n, 224, 28]."""
        return self.validation.clean


def in_one(arrays: list[np.ndarray]) -> np.ndarray:
    """Concatenates arrays; a single array is not copied."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
