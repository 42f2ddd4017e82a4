"""Builds the TFRecord shards of a labelled dataset in the cache: checked, split by document, with a report."""

import collections
import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from data import cache
from data.bad_share import check_bad_share
from data.errors import UserError
from data.folders import name_below
from data.labelled_pages import Dropped, LabelledDataset, LabelledPage
from data.labels.page_conversion import check_pages, CheckedPages, SAME_PICTURE, write_shards
from data.labels.picture_names import NO_PICTURE
from data.labels.split_report import read_report, split_report, write_report
from data.parallel import one_pool, Progress
from data.splits.document_split import complete_split
from data.splits.given_split import OUTSIDE
from data.wording import count_of

FORMAT = 7
"""Increase it if the same pages give other shards."""

OTHER_BOXES = "the same picture with other boxes"


def labelled_shards(
    cache_dir: Path,
    settings: dict[str, Any],
    root: Path,
    tables: Iterable[Path],
    pictures: Iterable[Path],
    read: Callable[[], LabelledDataset],
    *,
    held_out: float,
    test: float,
    max_bad_fraction: float,
    expected: int | None = None,
    may_contradict: bool = False,
    progress: Callable[[str], Progress] | None = None,
) -> Path:
    """Returns the folder with `tfrecords/` and the report, and builds it if necessary.

    Args:
      cache_dir: where to keep it.
      settings: what else the shards depend on, JSON-serialisable.
      root: the folder of the dataset.
      tables: files of labels and of the split; the shards are built again if a byte changes.
      pictures: the shards are built again if a path below `root`, a size or a modification time changes. The content
        is not compared, because reading gigabytes at every start would take too long.
      read: reads the dataset.
      held_out: share of the pages, and of the boxes of every class, for validation, if there is no such part yet.
      test: the same for the test part; 0 for none.
      max_bad_fraction: share of pages that may be bad; a page that occurs twice with the same boxes is not bad.
      expected: number of pages that must have a picture, if the dataset is a sample of the pages in its tables. None:
        all pages.
      may_contradict: whether a picture may occur twice with different boxes, as in SignverOD.
      progress: makes a progress callback for a named stage.

    Raises:
      UserError: no page can be used, or too many are bad.
    """
    stats = [(name_below(path, root), path.stat()) for path in sorted(pictures)]
    key = cache.content_key(
        {
            "kind": "labelled pages",
            "format": FORMAT,
            "held_out": held_out,
            "pictures": [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats],
            **({"test": test} if test else {}),
            **settings,
        },
        tables,
    )

    def build(folder: Path) -> None:
        stage = progress or (lambda name: lambda done, total: None)
        dataset = read()
        with one_pool():
            convert(folder, dataset, stage)

    def convert(folder: Path, dataset: LabelledDataset, stage: Callable[[str], Progress]) -> None:
        checked = check_pages(dataset.pages, stage("checking pages"))
        if not checked.pages:
            why = checked.dropped[0] if checked.dropped else ("", "there are none")
            raise UserError("dataset.root", f"none of {len(dataset.pages):,} pages can be used; {why[0]}: {why[1]}")
        if not may_contradict:
            checked = _without_contradictions(checked)
        _check_parts(dataset.pages, checked)
        try:
            pages, notes = complete_split(checked.pages, held_out, test, checked.content_of)
        except UserError as error:
            raise _with_reason(error, [*dataset.dropped, *checked.dropped]) from None
        write_shards(folder, pages, stage("writing pages"))
        dataset = dataclasses.replace(dataset, notes=[*dataset.notes, *checked.notes, *notes])
        write_report(folder, split_report(dataset, pages, checked.dropped, checked.content_of))

    folder = cache.load_or_build(cache_dir, key, build)
    report = read_report(folder) or {}
    bad = _bad_pages(report)
    gaps = 0 if expected is None else max(0, report["entries"] - expected)
    missing = [entry for entry in bad if entry[1] == NO_PICTURE]
    others = [entry for entry in bad if entry[1] != NO_PICTURE]
    check_bad_share([*missing[gaps:], *others], report["entries"] - gaps, max_bad_fraction, "pages")
    return folder


def _with_reason(error: UserError, dropped: Sequence[Dropped]) -> UserError:
    """An error about too few pages, with the first reason why others are left out."""
    if not dropped:
        return error
    name, reason = dropped[0]
    return UserError(
        error.what, f"{error.why}; {count_of(len(dropped), 'entry')} left out, first {name}: {reason}", error.remedies
    )


def _bad_pages(report: dict[str, Any]) -> list[Dropped]:
    """(first name, reason) of each page that is bad or has a bad label."""
    bad: dict[str, Dropped] = {}
    for reason, names in report["dropped"].items():
        for name in () if reason.startswith((SAME_PICTURE, OUTSIDE)) else names:
            bad.setdefault(report["page_of"].get(name, name), (name, reason))
    return list(bad.values())


def _without_contradictions(checked: CheckedPages) -> CheckedPages:
    """Leaves out the pages whose picture occurs under another name with different boxes.

    Raises:
      UserError: no page is left.
    """
    by_content: dict[str, list[LabelledPage]] = collections.defaultdict(list)
    for page in checked.pages:
        by_content[checked.content_of[page.name]].append(page)
    several = [alike for alike in by_content.values() if len(alike) > 1]
    dropped = [
        (page.name, f"{OTHER_BOXES} ({', '.join(other.name for other in alike[:3])})")
        for alike in several
        for page in alike
    ]
    names = {name for name, _ in dropped}
    pages = [page for page in checked.pages if page.name not in names]
    if not pages:
        name, reason = dropped[0]
        raise UserError("dataset.root", f"none of {len(dropped):,} pages can be used; {name}: {reason}")
    return dataclasses.replace(checked, pages=pages, dropped=[*checked.dropped, *dropped])


def _check_parts(pages: Sequence[LabelledPage], checked: CheckedPages) -> None:
    """Refuses a split with a part that lost all its pages; it must not be made again from pages of another part."""
    left = {page.split for page in checked.pages}
    for part in sorted({page.split for page in pages} - left - {""}):
        names = {page.name for page in pages if page.split == part}
        name, reason = next(entry for entry in checked.dropped if entry[0] in names)
        raise UserError(
            "dataset.root", f"none of the {len(names):,} pages of the {part} part can be used; {name}: {reason}"
        )
