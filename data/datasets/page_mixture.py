"""`task=detector dataset=mixture`: several datasets of pages at once."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from data.datasets.detector_dataset import DetectorDataset
from data.datasets.mixture import errors_of, Mixture
from data.parallel import Progress

if TYPE_CHECKING:
    from data.pages.page_data import PageData


@dataclasses.dataclass
class PageMixture(Mixture, DetectorDataset):
    """Datasets of pages, varied in training as each says."""

    def load(self, input_size: Sequence[int], progress: Callable[[str], Progress] | None = None) -> "PageData":
        from data.pages.page_data import PageData

        weights, parts = self.weight_of_each(), []
        for name, dataset in self.resolved_parts().items():
            with errors_of(name):
                (part,) = dataset.load(input_size, self.progress_of(name, progress)).parts
            parts.append(dataclasses.replace(part, name=name, weight=weights[name]))
        data = PageData(tuple(parts))
        if self.part == "test" and data.test is None:
            raise self.no_test_part()
        return data

    def preparation_report(self) -> list[tuple[str, str]]:
        return [
            (name, f"{label}: {text}" if label else text)
            for name, part in self.resolved_parts().items()
            for label, text in part.preparation_report()
        ]
