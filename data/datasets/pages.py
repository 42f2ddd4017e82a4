"""`dataset=pages`: a folder of pages with COCO's or YOLO's labels (`data.labels.page_folders`)."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from data.datasets.page_dataset import PageDataset
from data.options import option
from data.parallel import Progress


@dataclasses.dataclass
class OwnPages(PageDataset):
    """Pages of one's own; a split that the folder has is kept, otherwise whole documents are held out."""

    root: str = option()
    labels: str = option(choices=("auto", "coco", "yolo"))
    classes: list[str] = option()
    held_out: float = option(above=0.0, high=0.9)

    def shards_root(self, progress: Callable[[str], Progress] | None = None) -> Path:
        from data.labels.page_folders import folder_shards

        return folder_shards(
            Path(self.root),
            Path(self.cache_dir),
            labels=self.labels,
            classes=self.classes,
            held_out=self.held_out,
            max_bad_fraction=self.max_bad_fraction,
            progress=progress,
        )

    def left_out(self) -> str:
        from data.pictures.image_folder import ImageFolder

        return ImageFolder(Path(self.root)).left_out()
