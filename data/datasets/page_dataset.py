"""The base class of datasets whose pages are TFRecord shards with SignverOD's keys."""

import abc
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from data.datasets.detector_dataset import DetectorDataset
from data.errors import UserError
from data.options import option
from data.parallel import Progress

if TYPE_CHECKING:
    from data.pages.canvas import Canvas
    from data.pages.page_augmentation import Augmentation
    from data.pages.page_data import PageData

ROOM_TO_SHRINK = 1.25
"""Factor by which cached training pages exceed the canvas, so that a page that augmentation enlarges stays sharp."""


@dataclasses.dataclass
class PageDataset(DetectorDataset, abc.ABC):
    """Pages with boxes, and how augmentation varies them in training (`data.pages.page_augmentation`)."""

    scale: list[float] = option(above=0.0, high=10.0)
    stretch: float = option(low=0.0, high=1.0)
    rotation: float = option(low=0.0, high=45.0)
    thickness: float = option(low=0.0, high=1.0)
    noise: float = option(low=0.0, high=1.0)
    inverted: float = option(low=0.0, high=1.0)
    turned: float = option(low=0.0, high=1.0, former=0.0)

    def check(self) -> None:
        if len(self.scale) != 2 or self.scale[0] > self.scale[1]:
            raise UserError("dataset.scale", f"{self.scale} is not [smallest, largest]")

    @property
    def augmentation(self) -> "Augmentation":
        """How far augmentation varies training pages."""
        from data.pages.page_augmentation import Augmentation

        smallest, largest = self.scale
        return Augmentation(
            (smallest, largest), self.stretch, self.rotation, self.thickness, self.noise, self.inverted, self.turned
        )

    @abc.abstractmethod
    def shards_root(self, progress: Callable[[str], Progress] | None = None) -> Path:
        """Returns the folder with the shards `tfrecords/train*`, `eval*` and `test*`, and builds it if necessary.

        Args:
          progress: makes a progress callback for a named stage.

        Raises:
          UserError: the dataset does not exist, or cannot be built.
        """

    def split_lines(self) -> list[tuple[str, str]]:
        from data.labels.split_report import read_report, split_lines

        report = read_report(self.shards_root())
        return split_lines(report) if report else []

    def preparation_report(self) -> list[tuple[str, str]]:
        from data.labels.split_report import read_report, report_lines, TEXT_NAME

        root = self.shards_root()
        report = read_report(root)
        return [*report_lines(report), ("report", str(root / TEXT_NAME))] if report else []

    def load(self, canvas: "Canvas", progress: Callable[[str], Progress] | None = None) -> "PageData":
        from data.bad_share import check_bad_share
        from data.labels.split_report import left_out, read_report
        from data.pages.page_data import PageData, PagePart
        from data.pages.page_pools import load_page_pools
        from data.pages.page_records import find_shards
        from data.splits.path_names import PARTS

        root = self.shards_root(progress)
        train, validation, test = (find_shards(root, part) for part in PARTS)
        if self.part == "test" and not test:
            raise self.no_test_part()
        pools = load_page_pools(
            Path(self.cache_dir),
            train,
            validation,
            test=test,
            train_canvas=canvas.larger(ROOM_TO_SHRINK),
            validation_canvas=canvas,
            progress=progress,
        )
        parts = (pools.train, pools.validation, pools.test)
        empty_split = not all(len(part) for part in parts if part is not None)
        check_bad_share(pools.bad, pools.records, self.max_bad_fraction, "records", empty_split)
        pools = dataclasses.replace(pools, bad=[*left_out(read_report(root)), *pools.bad])
        return PageData((PagePart("", 1.0, pools, self.augmentation),))
