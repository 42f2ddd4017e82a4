"""What became of a dataset's pages: counts a source and class on either split, what was left out and why."""

import collections
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.labelled_pages import Dropped, LabelledDataset, LabelledPage
from data.pages.page_classes import CLASSES
from data.pictures.left_out import printable

FILE_NAME = "report.json"
TEXT_NAME = "report.txt"

Facts = dict[str, Any]
"""A report: see `split_report`."""


def split_report(dataset: LabelledDataset, pages: Sequence[LabelledPage], dropped: Sequence[Dropped]) -> Facts:
    """The report of a split as JSON-serialisable facts.

    Args:
      dataset: as its labels describe it.
      pages: those that are used, each with its split.
      dropped: the others.

    Returns:
      `pages` and `boxes` of the labels; by source the pages, documents and boxes of each class, of all that is
      `labelled` and of each split of what is `used`;
      `documents_on_both_sides`; `dropped`, names by reason; and whatever was found in the labels.
    """
    splits_of = collections.defaultdict(set)
    for page in pages:
        splits_of[page.document].add(page.split)
    by_reason = collections.defaultdict(list)
    for name, reason in [*dataset.dropped, *dropped]:
        by_reason[reason].append(name)
    return {
        "pages": len(dataset.pages),
        "boxes": sum(len(page.labels) for page in dataset.pages),
        "boxes_of_class": _boxes_of_class(dataset.pages),
        "labelled": _counts(dataset.pages),
        "used": {split: _counts([page for page in pages if page.split == split]) for split in ("train", "eval")},
        "documents_on_both_sides": sum(len(splits) > 1 for splits in splits_of.values()),
        **dataset.facts,
        "notes": dataset.notes,
        "dropped": dict(sorted(by_reason.items())),
    }


def _counts(pages: Sequence[LabelledPage]) -> dict[str, dict[str, int]]:
    return {
        source: {
            "pages": len(mine := [page for page in pages if page.source == source]),
            "documents": len({page.document for page in mine}),
            **_boxes_of_class(mine),
        }
        for source in sorted({page.source for page in pages})
    }


def _boxes_of_class(pages: Sequence[LabelledPage]) -> dict[str, int]:
    counts = collections.Counter(int(label) for page in pages for label in page.labels)
    return {name: counts[label] for label, name in enumerate(CLASSES, start=1)}


def report_lines(facts: Facts) -> list[tuple[str, str]]:
    """A report as (label, text) lines for the console."""
    classes = ", ".join(f"{count:,} {name}" for name, count in facts["boxes_of_class"].items())
    lines = [("labels", f"{facts['pages']:,} pages with {facts['boxes']:,} boxes ({classes})"), *facts["notes"]]
    for reason, names in facts["dropped"].items():
        lines.append(("left out", f"{len(names):,}: {reason} ({_first(names)})"))
    head = f"{'':<7}{'source':<13}" + "".join(f"{name:>11}" for name in ("pages", "documents", *CLASSES))
    lines.append(("split", head))
    for split, sources in {"all": facts["labelled"], **facts["used"]}.items():
        for source, counts in sources.items():
            lines.append(("", f"{split:<7}{source:<13}" + "".join(f"{count:>11,}" for count in counts.values())))
    lines.append(("", f"documents in both splits: {facts['documents_on_both_sides']}"))
    return [tuple(line) for line in lines]


def write_report(folder: Path, facts: Facts) -> None:
    """Writes the report for programs and for people."""
    (folder / FILE_NAME).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    text = "".join(f"{label:<9}{text}".rstrip() + "\n" for label, text in report_lines(facts))
    (folder / TEXT_NAME).write_text(text, encoding="utf-8", errors="surrogateescape")


def read_report(folder: Path) -> Facts | None:
    """The report of a folder of shards; None if they came as they are."""
    try:
        return json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def left_out(facts: Facts | None) -> list[tuple[str, str]]:
    """(how many and the first names, why) for each reason why pages were left out."""
    dropped = facts["dropped"] if facts else {}
    return [
        (f"{len(names):,} page{'s' * (len(names) > 1)} ({_first(names)})", reason) for reason, names in dropped.items()
    ]


def _first(names: Sequence[str]) -> str:
    return ", ".join(printable(name) for name in names[:3]) + (", ..." if len(names) > 3 else "")
