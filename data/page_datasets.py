"""From the config's dataset group to cached pages, with messages for whoever lacks the data."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from omegaconf import DictConfig

from data import cache
from data.bad_share import check_bad_share
from data.drawn_pages import draw_page
from data.fetching.acquisition import missing, obtain, SIGNVEROD
from data.labels.clean_split import clean_shards, read_signverod
from data.labels.page_folders import folder_shards
from data.labels.signverod_tables import has_tables
from data.labels.split_report import left_out, read_report, report_lines, TEXT_NAME
from data.pages.page_augmentation import Augmentation
from data.pages.page_pools import load_page_pools, PagePools
from data.pages.page_records import find_shards, serialise_page
from data.pages.tf_examples import write_records
from data.parallel import map_chunks, Progress

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
    root = shards_root(dataset, progress)
    train, validation = (find_shards(root, side) for side in ("train", "eval"))
    height, width = input_size
    larger = (round(height * ROOM_TO_SHRINK), round(width * ROOM_TO_SHRINK))
    pools = load_page_pools(
        cache_dir, train, validation, train_size=larger, validation_size=(height, width), progress=progress
    )
    empty_side = not len(pools.train) or not len(pools.validation)
    check_bad_share(pools.bad, pools.records, dataset.max_bad_fraction, "records", empty_side)
    return dataclasses.replace(pools, bad=[*left_out(read_report(root)), *pools.bad])


def shards_root(dataset: DictConfig, progress: Callable[[str], Progress] | None = None) -> Path:
    """The folder that holds a detector dataset's `tfrecords/`, with those of either side; made first where needed.

    Raises:
      UserError: the dataset is not there, or cannot be made.
    """
    cache_dir = Path(dataset.cache_dir)
    if dataset.name == "synthetic":
        return _draw_shards(dataset, cache_dir, progress)
    if dataset.name == "pages":
        return folder_shards(
            Path(dataset.root),
            cache_dir,
            labels=dataset.labels,
            classes=list(dataset.classes),
            held_out=dataset.held_out,
            max_bad_fraction=dataset.max_bad_fraction,
            progress=progress,
        )
    root = obtain(SIGNVEROD, Path(dataset.root), dataset.download, progress)
    if dataset.split == "clean":
        return clean_shards(root, cache_dir, dataset.max_bad_fraction, progress)
    if not find_shards(root, "train") or not find_shards(root, "eval"):
        raise missing(SIGNVEROD, root)
    return root


def describe_preparation(dataset: DictConfig) -> list[tuple[str, str]]:
    """(label, text) lines on where a dataset's shards come from, and the report of a split that was made here."""
    root = shards_root(dataset)
    facts = read_report(root)
    if facts:
        return [*report_lines(facts), ("report", str(root / TEXT_NAME))]
    if dataset.name != "signverod" or not has_tables(root):
        return []
    notes = read_signverod(root).notes
    return [*notes, ("", "dataset.split=clean makes a split of the same pages without that")]


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
