"""`dataset=crops`: crops around the signatures of drawn pages (`data.drawn_pages.crops`)."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data.datasets.cleaner_dataset import CleanerDataset
from data.errors import UserError
from data.options import option
from data.parallel import Progress

if TYPE_CHECKING:
    from data.signatures.pair_data import PairData

PAGES_AT_ONCE = 8

FORMAT = 2
"""Increase it if the same options give other crops."""


@dataclasses.dataclass
class DrawnCrops(CleanerDataset):
    """Signatures on letters, leases, forms and cheques, cropped as a detector crops them, with parts of the page."""

    seed: int = option(low=0, high=2**31 - 1)
    pages: int = option(low=1, high=1_000_000)
    held_out_pages: int = option(low=1, high=1_000_000)
    variants: int = option(low=1, high=256)

    def load(self, progress: Callable[[str], Progress] | None = None) -> "PairData":
        from data import cache
        from data.fingerprint import fingerprint_of
        from data.signatures.pair_data import PairData, PairPart
        from data.signatures.pair_pools import FixedPairs, PairPools

        if self.part == "test":
            raise self.no_test_part()
        counts = {"pages": self.pages, "held_out_pages": self.held_out_pages, "variants": self.variants}
        settings = {"kind": "drawn crops", "format": FORMAT, "seed": self.seed, **counts}
        stage = progress or (lambda name: lambda done, total: None)
        pages, last = range(self.pages), self.pages + self.held_out_pages

        def build(folder: Path) -> None:
            train = self._draw(pages, self.variants, stage("crops"))
            held_out = self._draw(range(self.pages, last), 1, stage("validation"))[:, 0]
            ink = train[:, :, 1]
            noise = (train[:, :, 0] & ~ink).reshape(-1, *ink.shape[2:])
            cache.save_arrays(folder, {}, ink=ink, noise=noise, noisy=held_out[:, 0], clean=held_out[:, 1])

        key = cache.content_key(settings)
        folder = cache.load_or_build(Path(self.cache_dir), key, build)
        ink, noise, noisy, clean = (cache.load_array(folder, name) for name in ("ink", "noise", "noisy", "clean"))
        if not len(ink) or not len(clean):
            raise UserError("dataset.held_out_pages" if len(ink) else "dataset.pages", "none is signed; draw more")
        pools = PairPools(ink, noise, FixedPairs(noisy, clean), [], key, fingerprint_of([], settings), paired=True)
        return PairData((PairPart("", 1.0, pools),))

    def _draw(self, pages: range, variants: int, update: Progress) -> np.ndarray:
        """uint8 [signatures, variants, 2, 224, 28]: the noisy and the clean picture of each pair, packed."""
        from data.ink import PACKED_SHAPE
        from data.parallel import map_chunks

        jobs = [(self.seed, page, variants) for page in pages]
        pairs = [pair for chunk in map_chunks(_draw_pairs, jobs, PAGES_AT_ONCE, update) for pair in chunk]
        return np.stack(pairs) if pairs else np.zeros((0, variants, 2, *PACKED_SHAPE), np.uint8)


def _draw_pairs(jobs: Sequence[tuple[int, int, int]]) -> list[np.ndarray]:
    """Pairs of (noisy, clean), uint8 [variants, 2, 224, 28] for each signature; runs in a worker process."""
    from data.drawn_pages.crops import draw_crops
    from data.ink import pack, resize_ink

    pairs = []
    for seed, page, variants in jobs:
        for crops in draw_crops(seed, page, variants):
            resized = [(resize_ink(crop.ink), resize_ink(crop.signed)) for crop in crops]
            pairs.append(pack(np.array([(ink | signed, signed) for ink, signed in resized])))
    return pairs
