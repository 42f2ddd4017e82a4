"""A labelled dataset as checked TFRecord shards in the cache: made once, split by document, with a report."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from data import cache
from data.bad_share import check_bad_share
from data.errors import UserError
from data.labelled_pages import LabelledDataset
from data.labels.page_conversion import check_pages, NO_PICTURE, SAME_PICTURE, write_shards
from data.labels.split_report import read_report, split_report, write_report
from data.parallel import Progress
from data.splits.document_split import split_by_document

FORMAT = 2
"""Raise this when the same pages come out as other shards."""


def labelled_shards(
    cache_dir: Path,
    settings: dict[str, Any],
    tables: Iterable[Path],
    pictures: Iterable[Path],
    read: Callable[[], LabelledDataset],
    *,
    held_out: float,
    max_bad_fraction: float,
    progress: Callable[[str], Progress] | None = None,
) -> Path:
    """Returns the folder that holds `tfrecords/` and the report, made first where needed.

    Args:
      cache_dir: where to keep it.
      settings: what else the shards depend on, JSON-serialisable.
      tables: files of labels; a changed byte makes the shards anew.
      pictures: a changed name, size or time of change makes them anew; to read gigabytes at every start would cost
        more than it tells.
      read: reads the dataset.
      held_out: share of the pages, and of the boxes of every class, for validation, where there is no split yet.
      max_bad_fraction: share of pages that may be bad; a picture that is not there, or there twice, is not.
      progress: makes a progress callback for a named stage.

    Raises:
      UserError: no page can be used, or too many are bad.
    """
    stats = [(path.name, path.stat()) for path in sorted(pictures)]
    key = cache.content_key(
        {
            "kind": "labelled pages",
            "format": FORMAT,
            "held_out": held_out,
            "pictures": [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats],
            **settings,
        },
        tables,
    )

    def build(folder: Path) -> None:
        stage = progress or (lambda name: lambda done, total: None)
        dataset = read()
        checked = check_pages(dataset.pages, stage("checking pages"))
        if not checked.pages:
            why = checked.dropped[0] if checked.dropped else ("", "there are none")
            raise UserError("dataset.root", f"none of {len(dataset.pages):,} pages can be used; {why[0]}: {why[1]}")
        pages = checked.pages
        if {page.split for page in pages} != {"train", "eval"}:
            pages = split_by_document(pages, held_out, checked.content_of)
        write_shards(folder, pages, stage("writing pages"))
        write_report(folder, split_report(dataset, pages, checked.dropped))

    folder = cache.load_or_build(cache_dir, key, build)
    facts = read_report(folder)
    bad = [
        (name, reason)
        for reason, names in facts["dropped"].items()
        for name in names
        if reason != NO_PICTURE and not reason.startswith(SAME_PICTURE)
    ]
    check_bad_share(bad, facts["pages"], max_bad_fraction, "pages")
    return folder
