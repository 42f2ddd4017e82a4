"""`dataset.split=clean`: a split of SignverOD's pictures and tables with each document in one part."""

from collections.abc import Callable
from pathlib import Path

from data.labelled_pages import LabelledDataset
from data.labels.labelled_shards import labelled_shards
from data.labels.signverod_tables import read_tables, TABLES
from data.pages.page_records import find_shards
from data.pages.tf_examples import record_offsets
from data.parallel import Progress

HELD_OUT = 0.19
"""Share of the pages for validation, as in the shipped split (520 of 2765 pages)."""


def clean_shards(
    root: Path,
    cache_dir: Path,
    max_bad_fraction: float,
    test: float,
    progress: Callable[[str], Progress] | None = None,
) -> Path:
    """Returns the folder with the clean split's `tfrecords/` and its report, and builds it if necessary.

    Args:
      root: the folder that holds the four tables and, somewhere below, the pictures.
      cache_dir: where to keep it.
      max_bad_fraction: share of pages that may be bad.
      test: share of the pages for a test part; 0 for none.
      progress: makes a progress callback for a named stage.

    Raises:
      UserError: the tables are missing or cannot be repaired, or too many pages are bad.
    """
    dataset = read_signverod(root)
    return labelled_shards(
        cache_dir,
        {"dataset": "signverod"},
        root,
        [root / name for name in TABLES],
        [page.path for page in dataset.pages if page.path],
        lambda: dataset,
        held_out=HELD_OUT,
        test=test,
        max_bad_fraction=max_bad_fraction,
        expected=pages_in_shards(root) or None,
        may_contradict=True,
        progress=progress,
    )


def pages_in_shards(root: Path) -> int:
    """Number of pages in the shipped shards; a sample of SignverOD has fewer than its tables list."""
    shards = [shard for part in ("train", "validation") for shard in find_shards(root, part)]
    return sum(len(record_offsets(shard)[0]) for shard in shards)


def read_signverod(root: Path) -> LabelledDataset:
    """SignverOD's pages, each once, with notes on the defects of the shipped split.

    Raises:
      UserError: the tables are missing or cannot be repaired.
    """
    tables = read_tables(root)
    leaking, related = tables.leaking_pages(), tables.pages_with_leaking_documents()
    test = [name for name, parts in tables.shipped_parts.items() if "test" in parts]
    notes = [
        ("ids", f"{tables.numberings} numberings joined: {tables.colliding_ids:,} ids meant two pages"),
        ("twice", f"{tables.duplicate_boxes:,} boxes were listed twice"),
        ("leaks", f"of {len(test):,} test pages as shipped, {len(leaking):,} are also trained on"),
        ("", f"and {len(related):,} are of a document that is trained on"),
    ]
    metadata = {
        "numberings": tables.numberings,
        "colliding_ids": tables.colliding_ids,
        "duplicate_boxes": tables.duplicate_boxes,
        "shipped_test_pages": len(test),
        "shipped_test_pages_also_trained_on": leaking,
        "shipped_test_pages_of_documents_trained_on": related,
    }
    return LabelledDataset(tables.pages, tables.dropped, notes, metadata)
