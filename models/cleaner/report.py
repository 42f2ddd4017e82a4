"""Texts and pictures of a cleaner, for people."""

from pathlib import Path
from typing import Any

from data.signatures.pair_pools import PairPools
from models.task import Pictures, Report


class CleanerReport(Report[PairPools]):
    """Lines and pictures of signatures."""

    def describe_data(self, data: PairPools) -> str:
        pairs = f"{len(data.validation_clean):,} validation pairs"
        test = f", {len(data.test_clean):,} test pairs" if data.test_clean is not None else ""
        return f"{len(data.ink):,} signatures to train on, {pairs} of other writers{test}"

    def data_metadata(self, data: PairPools) -> dict[str, Any]:
        test = {"test_pairs": len(data.test_clean)} if data.test_clean is not None else {}
        return {"training_signatures": len(data.ink), "validation_pairs": len(data.validation_clean), **test}

    def describe_splits(self, data: PairPools) -> list[tuple[str, str]]:
        copies, layers = data.ink.shape[1], len(data.noise)
        return [
            (
                "train",
                f"{len(data.ink):,} signatures, {copies} copies each, under {layers:,} pictures of printed noise",
            ),
            ("valid", f"{len(data.validation_clean):,} pairs of other writers"),
            *([("test", f"{len(data.test_clean):,} pairs of other writers")] if data.test_clean is not None else []),
        ]

    def describe_metrics(self, metrics: dict[str, float]) -> str:
        return f"ink F1 {metrics['ink_f1']:.3f} · SSIM {metrics['ssim']:.3f} · PSNR {metrics['psnr']:.1f} dB"

    def draw_samples(self, data: PairPools, path: Path, count: int) -> None:
        from models.cleaner.drawing import draw_pair_samples

        draw_pair_samples(data, path, count)

    def pictures(self, data: PairPools, count: int) -> Pictures:
        from models.cleaner.pictures import CleanerPictures

        return CleanerPictures(data, count)
