"""Texts and pictures of a detector for the user."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.datasets.detector_dataset import DetectorDataset
from data.pages.page_classes import CLASSES, counted
from data.pages.page_data import PageData, Pages
from data.wording import count_of
from models.detector.network import DetectorModel
from models.part_metrics import part_name, SEPARATOR
from models.task import Pictures, Report


class DetectorReport(Report[PageData]):
    """Lines and pictures of pages.

    Args:
      dataset: config of the dataset.
      model: config of the network.
    """

    def __init__(self, dataset: DetectorDataset, model: DetectorModel) -> None:
        self._dataset, self._canvas = dataset, model.canvas

    def describe_data(self, data: PageData) -> str:
        objects = counted(list(_counts(data.train).values()))
        test = f", {count_of(len(data.test), 'test page')}" if data.test is not None else ""
        pages, validation = count_of(len(data.train), "page"), count_of(len(data.validation), "validation page")
        return f"{pages} to train on with {objects}, {validation}{test}"

    def data_notes(self, data: PageData) -> Sequence[tuple[str, str]]:
        return data.notes

    def data_metadata(self, data: PageData) -> dict[str, Any]:
        return {
            "training_pages": len(data.train),
            "validation_pages": len(data.validation),
            "training_objects": _counts(data.train),
            "validation_objects": _counts(data.validation),
            **({"test_pages": len(data.test), "test_objects": _counts(data.test)} if data.test is not None else {}),
        }

    def describe_splits(self, data: PageData) -> list[tuple[str, str]]:
        return [
            (label, f"{part.name}: {_described(split)}" if part.name else _described(split))
            for part in data.parts
            for label, split in (
                ("train", part.pools.train),
                ("valid", part.pools.validation),
                ("test", part.pools.test),
            )
            if split is not None
        ]

    def preparation_report(self) -> list[tuple[str, str]]:
        return self._dataset.preparation_report()

    def describe_metrics(self, metrics: dict[str, float]) -> str:
        from models.detector.metrics import SHOWN_SCORE

        precision, recall = metrics["precision"], metrics["recall"]
        at_score = f"precision {precision:.2f}, recall {recall:.2f} from score {SHOWN_SCORE:g} on"
        of_classes = [f"{name} {metrics[f'AP50_{name}']:.2f}" for name in CLASSES if f"AP50_{name}" in metrics]
        of_parts = [
            f"{part_name(name)} {value:.2f}" for name, value in metrics.items() if name.endswith(f"{SEPARATOR}AP50")
        ]
        named = of_parts or of_classes
        shown = f" ({', '.join(named)})" if len(named) > 1 else ""
        return f"AP50 {metrics['AP50']:.3f}{shown} · AP {metrics['AP']:.3f} · {at_score}"

    def draw_samples(self, data: PageData, path: Path, count: int) -> None:
        from models.detector.drawing import draw_page_samples

        draw_page_samples(data, self._canvas, path, count)

    def pictures(self, data: PageData, count: int) -> Pictures:
        from models.detector.pictures import DetectorPictures

        return DetectorPictures(data.validation, self._canvas, count)


def _described(split: Pages) -> str:
    return f"{count_of(len(split), 'page')} with {counted(list(_counts(split).values()))}"


def _counts(split: Pages) -> dict[str, int]:
    return {name: int((split.labels == label).sum()) for label, name in enumerate(CLASSES, start=1)}
