"""The export of a trained cleaner and its use."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from data.pictures.image_folder import IMAGE_SUFFIXES
from data.signatures.pair_data import PairData
from models.cleaner.network import CleanerModel
from models.task import FileResult, Serving
from models.worst import Example, WorstExamples


class CleanerServing(Serving[PairData]):
    """Exports, measures and uses a cleaner.

    Args:
      model: config of the network.
    """

    signver = "Cleaner().load(...)"
    action, done = "clean", "cleaned"
    leaves_background_out = True
    suffixes = IMAGE_SUFFIXES

    def __init__(self, model: CleanerModel) -> None:
        self._model = model

    def export(self, checkpoint: str, folder: Path) -> None:
        from models.cleaner.export import export_cleaner

        export_cleaner(self._model.build, checkpoint, folder)

    def convert(self, checkpoint: str, formats: Mapping[str, Path]) -> None:
        from models.cleaner.export import convert_cleaner

        convert_cleaner(self._model.build, checkpoint, formats)

    def evaluation_length(self, data: PairData) -> int:
        return len(data.validation)

    def evaluate(self, folder: Path, data: PairData, progress: Callable[[int, str], None]) -> dict[str, float]:
        from models.cleaner.evaluation import evaluate_cleaner
        from models.cleaner.export import load_cleaner

        return evaluate_cleaner(load_cleaner(folder), data, progress)

    draws_worst = True

    def evaluate_examples(
        self, folder: Path, data: PairData, progress: Callable[[int, str], None], count: int
    ) -> tuple[dict[str, float], list[Example]]:
        from models.cleaner.drawing import triptych
        from models.cleaner.evaluation import evaluate_cleaner, pair_quality
        from models.cleaner.export import load_cleaner

        worst = WorstExamples(count)

        def observe(number: int, noisy: np.ndarray, cleaned: np.ndarray, clean: np.ndarray) -> None:
            quality = pair_quality(cleaned, clean)
            worst.offer(quality, f"pair {number + 1}", lambda: triptych(noisy, cleaned, clean))

        metrics = evaluate_cleaner(load_cleaner(folder), data, progress, observe)
        return metrics, worst.ranked()

    def draw_worst(self, examples: Sequence[Example], path: Path) -> None:
        from models.cleaner.drawing import save_sheet

        save_sheet(path, [example.picture for example in examples])

    def predict(self, folder: Path, files: Sequence[Path], output: Path, score: float) -> Iterator[FileResult]:
        return self._predict(folder, files, output, transparent=False)

    def predict_transparent(self, folder: Path, files: Sequence[Path], output: Path) -> Iterator[FileResult]:
        return self._predict(folder, files, output, transparent=True)

    @staticmethod
    def _predict(folder: Path, files: Sequence[Path], output: Path, *, transparent: bool) -> Iterator[FileResult]:
        from models.cleaner.export import load_cleaner
        from models.cleaner.prediction import clean_files

        return clean_files(load_cleaner(folder), files, output, transparent=transparent)

    def describe_outputs(self, results: Sequence[FileResult], output: Path) -> list[tuple[str, Path | str]]:
        cleaned = [result.output for result in results if result.output]
        shown = output / "*_cleaned.png" if len(results) > 1 else cleaned[-1]
        return [("cleaned", shown), ("compare", shown.with_name(shown.name.replace("_cleaned.png", "_compared.png")))]
