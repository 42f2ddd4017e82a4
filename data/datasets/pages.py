"""`dataset=pages`: a user's folder of labelled pages (`data.labels.page_folders`)."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from data.datasets.page_dataset import PageDataset
from data.folders import check_folder
from data.options import option
from data.parallel import Progress
from data.splits.checks import check_pattern, check_shares
from data.splits.given_split import WAYS


@dataclasses.dataclass
class OwnPages(PageDataset):
    """A user's pages. A split that the folder has is kept; parts that it lacks are made of whole documents."""

    root: str = option()
    labels: str = option(choices=("auto", "coco", "yolo", "voc", "cvat", "gedi", "tfrecord"))
    classes: list[str] = option()
    unlabelled: str = option(choices=("skip", "empty"), former="empty")
    exif: str = option(choices=("auto", "upright", "stored"), former="upright")
    crowds: bool = option(former=False)
    split: str = option(choices=WAYS, former="auto", splits=True)
    documents: str = option(former="auto", splits=True)
    tilted: str = option(choices=("auto", "labelled", "turned"), former="labelled")
    held_out: float = option(above=0.0, high=0.9, splits=True)
    test: float = option(low=0.0, high=0.9, former=0.0, splits=True)

    def check(self) -> None:
        super().check()
        check_pattern("dataset.documents", self.documents)
        check_shares(self.held_out, self.test)

    def obtain(self, progress: Callable[[str], Progress] | None = None) -> None:
        check_folder(Path(self.root), "pages")

    def shards_root(self, progress: Callable[[str], Progress] | None = None) -> Path:
        from data.labels.page_building import BuildOptions
        from data.labels.page_folders import folder_shards

        return folder_shards(
            Path(self.root),
            Path(self.cache_dir),
            labels=self.labels,
            options=BuildOptions(self.classes, self.unlabelled, self.exif),
            crowds=self.crowds,
            split=self.split,
            documents=self.documents,
            tilted=self.tilted,
            held_out=self.held_out,
            test=self.test,
            max_bad_fraction=self.max_bad_fraction,
            progress=progress,
        )

    def left_out(self) -> str:
        from data.pictures.image_folder import ImageFolder

        return ImageFolder(Path(self.root)).left_out(with_documents=True)
