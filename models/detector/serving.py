"""The export of a trained detector and its use."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from data.pages.page_data import PageData
from data.pictures.image_folder import IMAGE_SUFFIXES
from models.detector.network import DetectorModel
from models.task import FileResult, Serving
from models.worst import Example


class DetectorServing(Serving[PageData]):
    """Exports, measures and uses a detector.

    Args:
      model: config of the network.
    """

    signver = "Detector().load(...)"
    action, done = "find", "found"
    suffixes = (*IMAGE_SUFFIXES, ".pdf")

    def __init__(self, model: DetectorModel) -> None:
        self._model = model

    def export(self, checkpoint: str, folder: Path) -> None:
        from models.detector.export import export_detector

        export_detector(self._model, checkpoint, folder)

    def convert(self, checkpoint: str, formats: Mapping[str, Path]) -> None:
        from models.detector.portable import convert_detector

        convert_detector(self._model, checkpoint, formats)

    def evaluation_length(self, data: PageData) -> int:
        return len(data.validation)

    def evaluate(self, folder: Path, data: PageData, progress: Callable[[int, str], None]) -> dict[str, float]:
        from models.detector.evaluation import evaluate_detector
        from models.detector.export import load_detector

        return evaluate_detector(load_detector(folder), data.validation, progress, data.validation_parts)

    draws_worst = True

    def evaluate_examples(
        self, folder: Path, data: PageData, progress: Callable[[int, str], None], count: int
    ) -> tuple[dict[str, float], list[Example]]:
        from models.detector.evaluation import evaluate_detector
        from models.detector.export import load_detector
        from models.detector.worst_pages import WorstPages

        worst = WorstPages(count)
        metrics = evaluate_detector(load_detector(folder), data.validation, progress, data.validation_parts, worst.add)
        return metrics, worst.ranked()

    def draw_worst(self, examples: Sequence[Example], path: Path) -> None:
        from models.detector.worst_pages import save_worst

        save_worst(examples, path)

    def predict(self, folder: Path, files: Sequence[Path], output: Path, score: float) -> Iterator[FileResult]:
        from models.detector.export import load_detector
        from models.detector.prediction import find_in_files

        return find_in_files(load_detector(folder), files, output, score)

    def describe_outputs(self, results: Sequence[FileResult], output: Path) -> list[tuple[str, Path | str]]:
        drawn = [result.output for result in results if result.output]
        pages = drawn[-1] if len(results) == 1 else output / "*_found.png"
        return [("pages", pages), ("boxes", output / "boxes.json")]
