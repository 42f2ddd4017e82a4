"""The signature detector as the engine sees it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TYPE_CHECKING

from data.errors import UserError
from data.image_folder import IMAGE_SUFFIXES
from data.page_datasets import augmentation_of, describe_preparation, load_pages
from data.pages.page_classes import CLASSES, counted
from data.pages.page_pools import PagePools, PageSet
from data.parallel import Progress
from engine.console import Console, shown_path
from engine.input_files import find_files
from engine.run_folder import RunFolder
from engine.workload import Pictures, Workload

if TYPE_CHECKING:
    import tensorflow as tf
    from official.core import base_task, config_definitions


class DetectorWorkload(Workload):
    """Trains on pages with boxes."""

    unit, source, doing = "pages", "records", "find"
    signver = "Detector().load(...)"

    def load_data(self, progress: Callable[[str], Progress] | None = None) -> PagePools:
        return load_pages(self.config.dataset, self.config.model.input_size, progress)

    def describe_data(self, data: PagePools) -> str:
        sides = (
            f"{len(side):,} pages to {use}" for side, use in ((data.train, "train on"), (data.validation, "judge by"))
        )
        return f"{', '.join(sides)} with {counted(list(_counts(data.train).values()))}"

    def data_facts(self, data: PagePools) -> dict[str, Any]:
        return {
            "training_pages": len(data.train),
            "validation_pages": len(data.validation),
            "training_objects": _counts(data.train),
            "validation_objects": _counts(data.validation),
        }

    def describe_sides(self, data: PagePools) -> list[tuple[str, str]]:
        return [
            (label, f"{len(side):,} pages with {counted(list(_counts(side).values()))}")
            for label, side in (("train", data.train), ("judge", data.validation))
        ]

    def preparation_report(self) -> list[tuple[str, str]]:
        return describe_preparation(self.config.dataset)

    def draw_samples(self, data: PagePools, path: Path, count: int) -> None:
        from engine.sample_sheets import draw_page_samples

        draw_page_samples(data, tuple(self.config.model.input_size), path, count)

    def describe_metrics(self, metrics: dict[str, float]) -> str:
        at_score = f"precision {metrics['precision']:.2f}, recall {metrics['recall']:.2f} from score 0.22 on"
        of_classes = [f"{name} {metrics[f'AP50_{name}']:.2f}" for name in CLASSES if f"AP50_{name}" in metrics]
        shown = f" ({', '.join(of_classes)})" if len(of_classes) > 1 else ""
        return f"AP50 {metrics['AP50']:.3f}{shown} · AP {metrics['AP']:.3f} · {at_score}"

    def check_start(self) -> None:
        from models.initial_weights import find_initial_weights

        find_initial_weights(self.config.model, self._cache_dir)

    @property
    def _cache_dir(self) -> Path:
        return Path(self.config.dataset.cache_dir)

    def build_network(self) -> "tf.keras.Model":
        """The configured network."""
        from models.retinanet import build_detector

        return build_detector(self.config.model)

    def task_config(self) -> "config_definitions.TaskConfig":
        from models.retinanet import task_params

        return task_params(self.config.model)

    def build_task(
        self, params: "config_definitions.ExperimentConfig", data: PagePools, first_step: int
    ) -> "base_task.Task":
        from models.detector_task import DetectorTask
        from models.initial_weights import find_initial_weights, read_initial_weights
        from models.retinanet import anchors_of

        model = self.config.model

        def initialise(network: "tf.keras.Model") -> None:
            prefix, key = find_initial_weights(model, self._cache_dir)
            if prefix:
                read_initial_weights(network, prefix, key, model.init_parts)

        return DetectorTask(
            params.task,
            self.build_network,
            initialise,
            data,
            anchors_of(model),
            augmentation_of(self.config.dataset),
            seed=self.config.seed,
            first_step=first_step,
        )

    def pictures(self, run: RunFolder, data: PagePools, count: int) -> Pictures:
        from engine.detector_pictures import DetectorPictures

        return DetectorPictures(run, data.validation, tuple(self.config.model.input_size), count)

    def export(self, checkpoint: str, folder: Path) -> None:
        from models.detector_export import export_detector
        from models.retinanet import plain_detector

        model = self.config.model
        export_detector(
            self.build_network,
            lambda network: plain_detector(model, network),
            checkpoint,
            tuple(model.input_size),
            folder,
        )

    def evaluation_length(self, data: PagePools) -> int:
        return len(data.validation)

    def evaluate(self, folder: Path, data: PagePools, progress: Callable[[int, str], None]) -> dict[str, float]:
        from models.detector_eval import evaluate_detector
        from models.detector_export import load_detector

        return evaluate_detector(load_detector(folder), data.validation, progress)

    def predict(self, folder: Path, console: Console) -> None:
        from models.detector_export import load_detector
        from models.detector_predict import find_in_files

        settings = self.config.predict
        files = find_files(Path(settings.input), (*IMAGE_SUFFIXES, ".pdf"))
        output, said, last = Path(settings.output), [], None
        with console.progress(self.doing, len(files)) as update:
            results = find_in_files(load_detector(folder), files, output, settings.score)
            for count, (file, picture, text) in enumerate(results, start=1):
                update(count, file.name)
                said.append(("found" if picture else "skipped", f"{file.name}: {text}"))
                last = picture or last
        for label, text in said[:20]:
            console.line(label, text)
        if last is None:
            raise UserError("predict.input", f"none of {len(files)} files could be read; first: {said[0][1]}")
        if len(said) > 20:
            console.line("", f"and {len(said) - 20} more")
        console.line("pages", shown_path(last if len(files) == 1 else output / "*_found.png"))
        console.line("boxes", shown_path(output / "boxes.json"))


def _counts(side: PageSet) -> dict[str, int]:
    return {name: int((side.labels == label).sum()) for label, name in enumerate(CLASSES, start=1)}
