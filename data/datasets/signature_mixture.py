"""`task=cleaner dataset=mixture`: several datasets of signatures at once."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from data.datasets.cleaner_dataset import CleanerDataset
from data.datasets.mixture import errors_of, Mixture
from data.parallel import Progress

if TYPE_CHECKING:
    from data.signatures.pair_data import PairData


@dataclasses.dataclass
class SignatureMixture(Mixture, CleanerDataset):
    """Datasets of signatures, each with its own variants, noise and validation pairs."""

    def load(self, progress: Callable[[str], Progress] | None = None) -> "PairData":
        from data.signatures.pair_data import PairData

        self.obtain(progress)
        weights, parts = self.weight_of_each(), []
        for name, dataset in self.resolved_parts().items():
            with errors_of(name):
                (part,) = dataset.load(self.progress_of(name, progress)).parts
            parts.append(dataclasses.replace(part, name=name, weight=weights[name]))
        data = PairData(tuple(parts))
        if self.part == "test" and data.test is None:
            raise self.no_test_part()
        return data
