"""`task=detector dataset=mixture`: several datasets of pages at once."""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from data.datasets.detector_dataset import DetectorDataset
from data.datasets.mixture import errors_of, Mixture
from data.parallel import Progress
from data.wording import count_of

if TYPE_CHECKING:
    from data.pages.page_data import PageData, PagePart
    from data.pages.page_pools import PageSet


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
        data = PageData(tuple(parts), notes=_shared_documents(parts))
        if self.part == "test" and data.test is None:
            raise self.no_test_part()
        return data

    def preparation_report(self) -> list[tuple[str, str]]:
        return [
            (name, f"{label}: {text}" if label else text)
            for name, part in self.resolved_parts().items()
            for label, text in part.preparation_report()
        ]


def _shared_documents(parts: Sequence["PagePart"]) -> tuple[tuple[str, str], ...]:
    """A line for each two parts of which one trains on documents that the other measures, by their names."""
    lines = []
    for trained in parts:
        for measured in parts:
            pools = measured.pools
            shared = _documents([trained.pools.train]) & _documents(filter(None, (pools.validation, pools.test)))
            if shared and trained is not measured and trained.weight:
                shown = ", ".join(sorted(shared)[:5]) + (", ..." if len(shared) > 5 else "")
                text = f"{trained.name} trains on {count_of(len(shared), 'document')} that {measured.name} measures"
                flatters = f"the metrics of {measured.name} may flatter the model"
                lines.append(("shared", f"{text}, by the names of their pages ({shown}); {flatters}"))
    return tuple(lines)


def _documents(sets: Iterable["PageSet"]) -> set[str]:
    """Names of documents that tell them apart in any folder."""
    from data.splits.document_names import documents_of, only_counts

    names = [PurePath(document).name for pages in sets for document in documents_of(pages.names).documents]
    return {name for name in names if not only_counts(name)}
