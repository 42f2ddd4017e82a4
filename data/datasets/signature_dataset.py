"""Datasets of the cleaner: signatures, from which pairs of a noisy and a clean picture are made."""

import abc
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from data.datasets.dataset import Dataset
from data.options import option
from data.parallel import Progress

if TYPE_CHECKING:
    from data.signatures.pair_pools import PairPools, SignatureSource

Sources = list["SignatureSource"]


@dataclasses.dataclass
class SignatureDataset(Dataset, abc.ABC):
    """Signatures of a training and a validation split, and what is made of them (`data.signatures.pair_pools`)."""

    seed: int = option(low=0, high=2**31 - 1)
    variants: int = option(low=1, high=256)
    noise_layers: int = option(low=1, high=65536)
    validation_repeats: int = option(low=1, high=64)

    @abc.abstractmethod
    def sources(self, progress: Callable[[str], Progress] | None = None) -> tuple[Sources, Sources]:
        """Training and validation signatures, of different writers; nothing is opened yet.

        Args:
          progress: makes a progress callback for a named stage.

        Raises:
          UserError: the dataset is not there, or a split is empty.
        """

    def load(self, progress: Callable[[str], Progress] | None = None) -> "PairPools":
        """Reads or makes the pools that pairs are drawn from.

        Args:
          progress: makes a progress callback for a named stage.

        Raises:
          UserError: the dataset is not there, or too much of it is bad.
        """
        from data.bad_share import check_bad_share
        from data.signatures.pair_pools import load_pools

        train, validation = self.sources(progress)
        pools = load_pools(
            Path(self.cache_dir),
            train,
            validation,
            seed=self.seed,
            variants=self.variants,
            noise_layers=self.noise_layers,
            validation_repeats=self.validation_repeats,
            progress=progress,
        )
        empty_split = not len(pools.ink) or not len(pools.validation_clean)
        check_bad_share(pools.bad, len(train) + len(validation), self.max_bad_fraction, "scans", empty_split)
        return pools


@dataclasses.dataclass
class ScannedSignatures(SignatureDataset):
    """Scans, whose training split drawn signatures join."""

    synthetic_writers: int = option(low=0, high=100_000)

    def drawn(self) -> Sources:
        """The drawn signatures that join, each by a writer of its own."""
        from data.signatures.pair_pools import drawn_sources

        return drawn_sources(self.seed, range(self.synthetic_writers), samples=1)
