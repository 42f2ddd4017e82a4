"""`dataset=signverod`: SignverOD's shards as shipped, or a clean split of its pictures."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from data.datasets.page_dataset import PageDataset
from data.errors import UserError
from data.options import option
from data.parallel import Progress


@dataclasses.dataclass
class Signverod(PageDataset):
    """SignverOD: scanned pages with boxes of four classes."""

    root: str = option()
    download: bool = option()
    split: str = option(choices=("auto", "clean", "shipped"), splits=True)
    test: float = option(low=0.0, high=0.5, former=0.0, splits=True)

    def check(self) -> None:
        super().check()
        if self.split == "shipped" and self.test:
            raise UserError("dataset.test", "the shipped split has no test part", ("dataset.split=clean",))

    def obtain(self, progress: Callable[[str], Progress] | None = None) -> None:
        self._obtained(progress)

    def _obtained(self, progress: Callable[[str], Progress] | None) -> Path:
        """The folder that holds the dataset itself."""
        from data.fetching.acquisition import locate, obtain, SIGNVEROD
        from data.labels.tfrecord_labels import refuse_other_classes

        refuse_other_classes(Path(self.root), locate(SIGNVEROD, Path(self.root)) is not None)
        return obtain(SIGNVEROD, Path(self.root), self.download, progress)

    def shards_root(self, progress: Callable[[str], Progress] | None = None) -> Path:
        from data.fetching.acquisition import missing, SIGNVEROD
        from data.labels.clean_split import clean_shards
        from data.pages.page_records import find_shards

        root = self._obtained(progress)
        if self.split == "clean" or (self.split == "auto" and self._lacks_for_clean(root) == ""):
            return clean_shards(root, Path(self.cache_dir), self.max_bad_fraction, self.test, progress)
        if self.test:
            raise UserError(
                "dataset.test", f"needs the clean split, for which {root} lacks {self._lacks_for_clean(root)}"
            )
        if not find_shards(root, "train") or not find_shards(root, "validation"):
            raise missing(SIGNVEROD, root)
        return root

    @staticmethod
    def _lacks_for_clean(root: Path) -> str:
        """What is missing for a clean split; "" if nothing is."""
        from data.labels.clean_split import pages_in_shards
        from data.labels.signverod_tables import has_tables, TABLES

        if not has_tables(root):
            return f"the tables {', '.join(TABLES)}"
        pages = pages_in_shards(root)
        pictures = sum(path.suffix.lower() in (".png", ".jpg", ".jpeg") for path in root.rglob("*"))
        return "" if pictures and pictures >= pages / 2 else f"pictures ({pictures:,} of {pages:,})"

    def split_lines(self) -> list[tuple[str, str]]:
        from data.fetching.acquisition import locate, SIGNVEROD
        from data.labels.clean_split import read_signverod
        from data.labels.signverod_tables import has_tables

        root = locate(SIGNVEROD, Path(self.root)) or Path(self.root)
        lacks = self._lacks_for_clean(root) if self.split == "auto" else ""
        if self.split == "clean" or (self.split == "auto" and not lacks):
            return [
                ("split", "clean: made of the pictures and tables, each document in one part"),
                *super().split_lines(),
            ]
        why = f"; dataset.split=clean lacks {lacks}" if lacks else ""
        leaks = (
            "documents in both splits: not checked, since that needs the tables (320 of Kaggle's 520 test pages leak)"
        )
        if has_tables(root):
            leaks = " ".join(text for _, text in read_signverod(root).notes[-2:])
        return [("split", f"as shipped{why}"), ("shared", leaks)]

    def preparation_report(self) -> list[tuple[str, str]]:
        from data.labels.clean_split import read_signverod
        from data.labels.signverod_tables import has_tables

        report, root = super().preparation_report(), self.shards_root()
        if report or not has_tables(root):
            return report
        notes = read_signverod(root).notes
        return [*notes, ("", "dataset.split=clean makes a split of the same pages without that")]
