"""The signature cleaner as the engine sees it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TYPE_CHECKING

from data.config import MODEL_SIZE
from data.datasets import load_pair_pools
from data.errors import UserError
from data.image_folder import IMAGE_SUFFIXES
from data.parallel import Progress
from data.signatures.pair_pools import PairPools
from engine.console import Console, shown_path
from engine.input_files import find_files
from engine.run_folder import RunFolder
from engine.workload import Pictures, Workload

if TYPE_CHECKING:
    import tensorflow as tf
    from official.core import base_task, config_definitions


class CleanerWorkload(Workload):
    """Trains on pairs of a noisy and a clean signature."""

    unit, source, doing = "pairs", "scans", "clean"
    signver = "Cleaner().load(...)"

    def load_data(self, progress: Callable[[str], Progress] | None = None) -> PairPools:
        return load_pair_pools(self.config.dataset, progress)

    def describe_data(self, data: PairPools) -> str:
        pairs = f"{len(data.validation_clean):,} validation pairs"
        return f"{len(data.ink):,} signatures to train on, {pairs} of other writers"

    def data_facts(self, data: PairPools) -> dict[str, Any]:
        return {"training_signatures": len(data.ink), "validation_pairs": len(data.validation_clean)}

    def describe_sides(self, data: PairPools) -> list[tuple[str, str]]:
        copies, layers = data.ink.shape[1], len(data.noise)
        return [
            (
                "train",
                f"{len(data.ink):,} signatures, {copies} copies each, under {layers:,} pictures of printed noise",
            ),
            ("judge", f"{len(data.validation_clean):,} pairs of other writers"),
        ]

    def draw_samples(self, data: PairPools, path: Path, count: int) -> None:
        from engine.sample_sheets import draw_pair_samples

        draw_pair_samples(data, path, count)

    def describe_metrics(self, metrics: dict[str, float]) -> str:
        return f"ink F1 {metrics['ink_f1']:.3f} · SSIM {metrics['ssim']:.3f} · PSNR {metrics['psnr']:.1f} dB"

    def build_network(self) -> "tf.keras.Model":
        """The configured network."""
        model = self.config.model
        if model.name == "autoencoder":
            from models.autoencoder import build_autoencoder

            return build_autoencoder(list(model.filters), model.dropout)
        from models.unet import build_unet

        return build_unet(list(model.filters), model.block_size, model.convolutions)

    def task_config(self) -> "config_definitions.TaskConfig":
        from official.core import config_definitions

        return config_definitions.TaskConfig(
            name="cleaner",
            train_data=config_definitions.DataConfig(is_training=True),
            validation_data=config_definitions.DataConfig(is_training=False),
        )

    def build_task(
        self, params: "config_definitions.ExperimentConfig", data: PairPools, first_step: int
    ) -> "base_task.Task":
        from models.cleaner_task import CleanerTask

        return CleanerTask(
            params.task,
            self.build_network,
            data,
            seed=self.config.seed,
            first_step=first_step,
            ink_weight=self.config.model.get("ink_weight", 1.0),
            window=self.config.model.get("window", MODEL_SIZE),
        )

    def pictures(self, run: RunFolder, data: PairPools, count: int) -> Pictures:
        from engine.cleaner_pictures import CleanerPictures

        return CleanerPictures(run, data, count)

    def export(self, checkpoint: str, folder: Path) -> None:
        from models.cleaner_export import export_cleaner

        export_cleaner(self.build_network, checkpoint, folder)

    def evaluation_length(self, data: PairPools) -> int:
        return len(data.validation_clean)

    def evaluate(self, folder: Path, data: PairPools, progress: Callable[[int, str], None]) -> dict[str, float]:
        from models.cleaner_eval import evaluate_cleaner
        from models.cleaner_export import load_cleaner

        return evaluate_cleaner(load_cleaner(folder), data, progress)

    def predict(self, folder: Path, console: Console) -> None:
        from models.cleaner_export import load_cleaner
        from models.cleaner_predict import clean_files

        files = find_files(Path(self.config.predict.input), IMAGE_SUFFIXES)
        bad = []
        cleaned: Path | None = None
        with console.progress(self.doing, len(files)) as update:
            results = clean_files(load_cleaner(folder), files, Path(self.config.predict.output))
            for count, (file, target, reason) in enumerate(results, start=1):
                update(count, file.name)
                if target is None:
                    bad.append(f"{file.name}: {reason}")
                cleaned = target or cleaned
        for line in bad:
            console.line("skipped", line)
        if cleaned is None:
            raise UserError("predict.input", f"none of {len(files)} files could be read; first: {bad[0]}")
        shown = shown_path(cleaned.parent / "*_cleaned.png" if len(files) > 1 else cleaned)
        console.line("cleaned", shown)
        console.line("compare", shown.replace("_cleaned.png", "_compared.png"))
