"""Texts and pictures of a cleaner for the user."""

from pathlib import Path
from typing import Any

from data.signatures.pair_data import PairData
from data.signatures.pair_pools import PairPools
from data.wording import count_of
from models.part_metrics import part_name, SEPARATOR
from models.task import Pictures, Report


class CleanerReport(Report[PairData]):
    """Lines and pictures of signatures."""

    def describe_data(self, data: PairData) -> str:
        test = f", {count_of(len(data.test), 'test pair')}" if data.test is not None else ""
        signatures, pairs = count_of(data.signatures, "signature"), count_of(len(data.validation), "validation pair")
        return f"{signatures} to train on, {pairs} of other writers{test}"

    def data_metadata(self, data: PairData) -> dict[str, Any]:
        test = {"test_pairs": len(data.test)} if data.test is not None else {}
        return {"training_signatures": data.signatures, "validation_pairs": len(data.validation), **test}

    def describe_splits(self, data: PairData) -> list[tuple[str, str]]:
        return [
            (label, f"{part.name}: {text}" if part.name else text)
            for part in data.parts
            for label, text in _described(part.pools)
        ]

    def describe_metrics(self, metrics: dict[str, float]) -> str:
        of_parts = [
            f"{part_name(name)} {value:.3f}" for name, value in metrics.items() if name.endswith(f"{SEPARATOR}ink_f1")
        ]
        shown = f" ({', '.join(of_parts)})" if len(of_parts) > 1 else ""
        return f"ink F1 {metrics['ink_f1']:.3f}{shown} · SSIM {metrics['ssim']:.3f} · PSNR {metrics['psnr']:.1f} dB"

    def draw_samples(self, data: PairData, path: Path, count: int) -> None:
        from models.cleaner.drawing import draw_pair_samples

        draw_pair_samples(data, path, count)

    def pictures(self, data: PairData, count: int) -> Pictures:
        from models.cleaner.pictures import CleanerPictures

        return CleanerPictures(data, count)


def _described(pools: PairPools) -> list[tuple[str, str]]:
    signatures, copies = pools.ink.shape[:2]
    if pools.paired:
        noise = "with the page around them"
    else:
        noise = f"under {count_of(len(pools.noise), 'picture')} of printed noise"
    return [
        ("train", f"{count_of(signatures, 'signature')}, {count_of(copies, 'copy')} each, {noise}"),
        ("valid", f"{count_of(len(pools.validation), 'pair')} of other writers"),
        *([("test", f"{count_of(len(pools.test), 'pair')} of other writers")] if pools.test is not None else []),
    ]
