"""`dataset=signverod`: SignverOD's shards as they are shipped, or a clean split of its pictures."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from data.datasets.page_dataset import PageDataset
from data.options import option
from data.parallel import Progress


@dataclasses.dataclass
class Signverod(PageDataset):
    """Pages with boxes of four classes."""

    root: str = option()
    download: bool = option()
    split: str = option(choices=("shipped", "clean"))

    def shards_root(self, progress: Callable[[str], Progress] | None = None) -> Path:
        from data.fetching.acquisition import missing, obtain, SIGNVEROD
        from data.labels.clean_split import clean_shards
        from data.pages.page_records import find_shards

        root = obtain(SIGNVEROD, Path(self.root), self.download, progress)
        if self.split == "clean":
            return clean_shards(root, Path(self.cache_dir), self.max_bad_fraction, progress)
        if not find_shards(root, "train") or not find_shards(root, "eval"):
            raise missing(SIGNVEROD, root)
        return root

    def preparation_report(self) -> list[tuple[str, str]]:
        from data.labels.clean_split import read_signverod
        from data.labels.signverod_tables import has_tables

        report, root = super().preparation_report(), self.shards_root()
        if report or not has_tables(root):
            return report
        notes = read_signverod(root).notes
        return [*notes, ("", "dataset.split=clean makes a split of the same pages without that")]
