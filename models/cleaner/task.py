"""The task of the signature cleaner."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, TYPE_CHECKING

from data.datasets.cleaner_dataset import CleanerDataset
from data.parallel import Progress
from models.cleaner.network import CleanerModel
from models.task import Metric, Report, Serving, Task, Training

if TYPE_CHECKING:
    from data.signatures.pair_data import PairData


@dataclasses.dataclass
class Cleaner(Task):
    """Removes printed lines and words from around a signature; trains on pairs of a noisy and a clean picture."""

    dataset_type = CleanerDataset
    model_type = CleanerModel
    metrics: ClassVar = {
        "ink_f1": Metric("higher", "ink F1"),
        "ink_precision": Metric("higher", "ink precision"),
        "ink_recall": Metric("higher", "ink recall"),
        "ssim": Metric("higher", "SSIM"),
        "psnr": Metric("higher", "PSNR dB"),
        "rmse": Metric("lower", "RMSE"),
        "loss": Metric("lower"),
    }
    unit, source = "pairs", "scans"

    def load_data(
        self, dataset: CleanerDataset, model: CleanerModel, progress: Callable[[str], Progress] | None = None
    ) -> "PairData":
        return dataset.load(progress)

    def check_start(self, dataset: CleanerDataset, model: CleanerModel) -> None:
        if model.init_from:
            from models.initial_weights import check_network, weights_to_start_from

            weights_to_start_from(model.init_from, self.name, Path(dataset.cache_dir))
            check_network(model, model.init_from, self.name)

    def training(self, dataset: CleanerDataset, model: CleanerModel) -> Training["PairData"]:
        from models.cleaner.training import CleanerTraining

        return CleanerTraining(dataset, model)

    def serving(self, model: CleanerModel) -> Serving["PairData"]:
        from models.cleaner.serving import CleanerServing

        return CleanerServing(model)

    def report(self, dataset: CleanerDataset, model: CleanerModel) -> Report["PairData"]:
        from models.cleaner.report import CleanerReport

        return CleanerReport()
