"""From the config's dataset group to cached pages, with messages for whoever lacks the data."""

from collections.abc import Callable, Sequence
from pathlib import Path

from omegaconf import DictConfig

from data import cache
from data.drawn_pages import draw_page
from data.errors import UserError
from data.page_augmentation import Augmentation
from data.page_pools import load_page_pools, PagePools
from data.page_records import find_shards, serialise_page
from data.parallel import map_chunks, Progress
from data.tf_examples import write_records

SIGNVEROD_PAGE = "https://www.kaggle.com/datasets/victordibia/signverod"

PAGES_A_SHARD = 32

SYNTHETIC_FORMAT = 1
"""Raise this when synthetic pages come out different from the same numbers."""

ROOM_TO_SHRINK = 1.25
"""Training pages are cached this much larger than the canvas, so that a page that is cut into stays sharp."""


def augmentation_of(dataset: DictConfig) -> Augmentation:
    """How far the config wants training pages to be varied."""
    names = ("stretch", "rotation", "thickness", "noise", "inverted")
    return Augmentation(scale=tuple(dataset.scale), **{name: dataset[name] for name in names})


def load_pages(
    dataset: DictConfig, input_size: Sequence[int], progress: Callable[[str], Progress] | None = None
) -> PagePools:
    """Reads or makes the pages of a detector dataset.

    Args:
      dataset: the composed dataset group.
      input_size: height and width of the network's input in pixels.
      progress: makes a progress callback for a named stage.

    Raises:
      UserError: the dataset is not there, or too much of it is bad.
    """
    cache_dir = Path(dataset.cache_dir)
    root = _draw_shards(dataset, cache_dir, progress) if dataset.name == "synthetic" else Path(dataset.root)
    train, validation = (find_shards(root, side) for side in ("train", "eval"))
    if not train or not validation:
        raise UserError(
            "dataset.root",
            f"no SignverOD shards in {root} (looked for tfrecords/train* and tfrecords/eval*)",
            (
                f"get them:  {SIGNVEROD_PAGE}, unpacked into {root}",
                "have them elsewhere:  dataset.root=<folder that holds tfrecords/>",
                "or train on made-up pages, which needs nothing:  dataset=synthetic",
            ),
        )
    height, width = input_size
    larger = (round(height * ROOM_TO_SHRINK), round(width * ROOM_TO_SHRINK))
    pools = load_page_pools(
        cache_dir, train, validation, train_size=larger, validation_size=(height, width), progress=progress
    )
    share = len(pools.bad) / max(1, pools.records)
    if share > dataset.max_bad_fraction or not len(pools.train) or not len(pools.validation):
        shown = "; ".join(f"{name}: {reason}" for name, reason in pools.bad[:3])
        raise UserError(
            "dataset.max_bad_fraction",
            f"{len(pools.bad)} of {pools.records} records cannot be used ({share:.1%}, allowed "
            f"{dataset.max_bad_fraction:.1%}): {shown or 'a side of the split is empty'}",
            ("mend or remove them, or allow more with dataset.max_bad_fraction=...",),
        )
    return pools


def _draw_shards(dataset: DictConfig, cache_dir: Path, progress: Callable[[str], Progress] | None) -> Path:
    """Draws the pages, once, as shards like SignverOD's; returns the folder that holds `tfrecords/`."""
    counts = {"train": dataset.pages, "eval": dataset.held_out_pages}
    settings = {"kind": "synthetic pages", "format": SYNTHETIC_FORMAT, "seed": dataset.seed, **counts}

    def build(folder: Path) -> None:
        (folder / "tfrecords").mkdir()
        first, done, total = 0, 0, sum(counts.values())
        report = progress("drawing pages") if progress else lambda done, total: None
        for side, count in counts.items():
            jobs = [(dataset.seed, number) for number in range(first, first + count)]
            shards = -(-count // PAGES_A_SHARD)
            drawn = map_chunks(_draw_records, jobs, PAGES_A_SHARD)
            for number, records in enumerate(drawn):
                write_records(folder / "tfrecords" / f"{side}-{number:05}-of-{shards:05}.tfrecord", records)
                done += len(records)
                report(done, total)
            first += count

    return cache.load_or_build(cache_dir, cache.content_key(settings), build)


def _draw_records(jobs: Sequence[tuple[int, int]]) -> list[bytes]:
    """Pages as records; runs in a worker process."""
    records = []
    for seed, number in jobs:
        page = draw_page(seed, number)
        records.append(serialise_page(f"page_{seed}_{number}.png", page.pixels, page.boxes, page.labels))
    return records
