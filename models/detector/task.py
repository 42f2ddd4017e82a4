"""The task of the signature detector."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, TYPE_CHECKING

from data.datasets.detector_dataset import DetectorDataset
from data.pages.page_classes import CLASSES
from data.parallel import Progress
from models.detector.network import DetectorModel
from models.task import Metric, Report, Serving, Task, Training

if TYPE_CHECKING:
    from data.pages.page_data import PageData


@dataclasses.dataclass
class Detector(Task):
    """Finds signatures, initials, redactions and dates on pages."""

    dataset_type = DetectorDataset
    model_type = DetectorModel
    metrics: ClassVar = {
        **{name: Metric("higher") for name in ("AP", "AP50", "AP75", *(f"AP50_{name}" for name in CLASSES))},
        "precision": Metric("higher"),
        "recall": Metric("higher"),
        "loss": Metric("lower"),
    }
    unit, source = "pages", "records"

    def load_data(
        self, dataset: DetectorDataset, model: DetectorModel, progress: Callable[[str], Progress] | None = None
    ) -> "PageData":
        return dataset.load(model.canvas, progress)

    def check_start(self, dataset: DetectorDataset, model: DetectorModel) -> None:
        from models.detector.initial_weights import find_initial_weights
        from models.initial_weights import check_network

        find_initial_weights(model, Path(dataset.cache_dir))
        if model.init_from and model.init_parts == "all":
            check_network(model, model.init_from, self.name)

    def training(self, dataset: DetectorDataset, model: DetectorModel) -> Training["PageData"]:
        from models.detector.training import DetectorTraining

        return DetectorTraining(dataset, model)

    def serving(self, model: DetectorModel) -> Serving["PageData"]:
        from models.detector.serving import DetectorServing

        return DetectorServing(model)

    def report(self, dataset: DetectorDataset, model: DetectorModel) -> Report["PageData"]:
        from models.detector.report import DetectorReport

        return DetectorReport(dataset, model)
