"""`task=detector dataset=synthetic`: pages that the project draws (`data.drawn_pages`)."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from data.datasets.page_dataset import PageDataset
from data.options import option
from data.parallel import Progress
from data.weights import read_weights

PAGES_PER_SHARD = 32

KIND_NAMES = ("letter", "lease", "form", "cheque", "certificate", "notice", "contract", "manuscript")
"""Names of `data.drawn_pages.kinds.KINDS`, which imports NumPy; that takes longer than the check of a config."""

FORMAT = 1
"""Increase it if the same options give other pages."""


@dataclasses.dataclass
class DrawnPages(PageDataset):
    """Pages of several kinds, drawn once and cached as shards with SignverOD's keys."""

    seed: int = option(low=0, high=2**31 - 1)
    pages: int = option(low=1, high=1_000_000)
    held_out_pages: int = option(low=1, high=1_000_000)
    slack: float = option(low=0.0, high=5.0, former=1.0)
    kinds: list[str] = option(former=["letter:42", "lease:32", "form:23", "cheque:3"])
    photographed: float = option(low=0.0, high=1.0, former=0.0)

    def check(self) -> None:
        super().check()
        self._kinds()

    def _kinds(self) -> dict[str, float]:
        """Name -> share of the pages of the kinds that are drawn, in the order of `KIND_NAMES`.

        Raises:
          UserError: a name is unknown, or a weight is no number from 0 on.
        """
        weights = read_weights("dataset.kinds", self.kinds, KIND_NAMES, 0.0, "kind")
        total = sum(weights.values())
        return {name: weight / total for name, weight in weights.items() if weight}

    def shards_root(self, progress: Callable[[str], Progress] | None = None) -> Path:
        from data import cache
        from data.drawn_pages.kinds import USUAL
        from data.pages.tf_examples import write_records
        from data.parallel import map_chunks

        counts = {"train": self.pages, "eval": self.held_out_pages}
        settings: dict[str, Any] = {"kind": "synthetic pages", "format": FORMAT, "seed": self.seed, **counts}
        if self.slack != 1:
            settings["slack"] = self.slack or "ink alone"
        kinds = self._kinds()
        if kinds != USUAL or self.photographed:
            settings |= {"kinds": kinds, "photographed": self.photographed}

        def build(folder: Path) -> None:
            (folder / "tfrecords").mkdir()
            first, done, total = 0, 0, sum(counts.values())
            update = progress("drawing pages") if progress else lambda done, total: None
            for split, count in counts.items():
                jobs = [
                    (self.seed, number, self.slack, kinds, self.photographed) for number in range(first, first + count)
                ]
                shards = -(-count // PAGES_PER_SHARD)
                for number, records in enumerate(map_chunks(_draw_records, jobs, PAGES_PER_SHARD)):
                    write_records(folder / "tfrecords" / f"{split}-{number:05}-of-{shards:05}.tfrecord", records)
                    done += len(records)
                    update(done, total)
                first += count

        return cache.load_or_build(Path(self.cache_dir), cache.content_key(settings), build)


def _draw_records(jobs: Sequence[tuple[int, int, float, dict[str, float], float]]) -> list[bytes]:
    """Pages as records; runs in a worker process."""
    from data.drawn_pages import draw_page
    from data.pages.page_records import serialise_page

    records = []
    for seed, number, slack, kinds, photographed in jobs:
        page = draw_page(seed, number, slack, kinds, photographed)
        records.append(serialise_page(f"page_{seed}_{number}.png", page.pixels, page.boxes, page.labels))
    return records
