"""The base classes of datasets of signatures, from which pairs of a noisy and a clean picture are made."""

import abc
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from data.datasets.cleaner_dataset import CleanerDataset
from data.options import option
from data.parallel import Progress

if TYPE_CHECKING:
    from data.signatures.pair_data import PairData
    from data.signatures.signature_sources import SignatureSource

Sources = list["SignatureSource"]


@dataclasses.dataclass
class SignatureDataset(CleanerDataset, abc.ABC):
    """Signatures by part of a split, and the pools that are made of them (`data.signatures.pair_pools`)."""

    seed: int = option(low=0, high=2**31 - 1)
    variants: int = option(low=1, high=256)
    noise_layers: int = option(low=1, high=65536)
    validation_repeats: int = option(low=1, high=64)

    @abc.abstractmethod
    def sources(self, progress: Callable[[str], Progress] | None = None) -> tuple[Sources, Sources]:
        """Lists the training and the validation signatures, of different writers, without opening a file.

        Args:
          progress: makes a progress callback for a named stage.

        Raises:
          UserError: the dataset does not exist, or a split is empty.
        """

    def test_sources(self) -> Sources:
        """Signatures of the test part, whose writers are in no other part; none if there is no test part."""
        return []

    def load(self, progress: Callable[[str], Progress] | None = None) -> "PairData":
        from data.bad_share import check_bad_share
        from data.signatures.pair_data import PairData, PairPart
        from data.signatures.pair_pools import load_pools

        train, validation = self.sources(progress)
        test = self.test_sources()
        if self.part == "test" and not test:
            raise self.no_test_part()
        pools = load_pools(
            Path(self.cache_dir),
            train,
            validation,
            test=test,
            seed=self.seed,
            variants=self.variants,
            noise_layers=self.noise_layers,
            validation_repeats=self.validation_repeats,
            progress=progress,
        )
        parts = (pools.ink, pools.validation, pools.test)
        empty_split = not all(len(part) for part in parts if part is not None)
        count = len(train) + len(validation) + len(test)
        check_bad_share(pools.bad, count, self.max_bad_fraction, "scans", empty_split)
        return PairData((PairPart("", 1.0, pools),))


@dataclasses.dataclass
class ScannedSignatures(SignatureDataset):
    """Scanned signatures, with drawn signatures added to the training split."""

    synthetic_writers: int = option(low=0, high=100_000)

    def drawn(self) -> Sources:
        """The drawn signatures of the training split, each of another writer."""
        from data.signatures.signature_sources import drawn_sources

        return drawn_sources(self.seed, range(self.synthetic_writers), samples=1)
