"""The report of a split: pages and boxes by source, class and part, and what was left out with the reasons."""

import collections
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data.labelled_pages import Dropped, LabelledDataset, LabelledPage
from data.pages.page_classes import CLASSES
from data.pictures.left_out import printable
from data.splits.document_split import documents_in_several_parts
from data.splits.path_names import PARTS
from data.wording import count_of

FILE_NAME = "report.json"
TEXT_NAME = "report.txt"

LABELS_SHOWN = ("read", "classes", "boxes", "sizes", "exif", "split", "document", "tilted")
"""Labels of the notes that every mode prints."""

_NOUNS = {
    "a picture": "picture",
    "a box": "box",
    "an entry": "image",
    "a label file": "label file",
    "annotations": "image",
    "an annotation": "annotation",
    "not a line": "line",
}
"""Beginning of a reason -> noun for what was left out; otherwise it is pages."""

Report = dict[str, Any]
"""See `split_report`."""


def split_report(
    dataset: LabelledDataset,
    pages: Sequence[LabelledPage],
    dropped: Sequence[Dropped],
    content_of: Mapping[str, str],
) -> Report:
    """The report of a split as a JSON-serialisable dictionary.

    Args:
      dataset: as its labels describe it.
      pages: those that are used, each with its split.
      dropped: the others.
      content_of: a hash of the picture by page name, as in `data.splits.document_split`.

    Returns:
      `pages` and `boxes` of the labels; `entries`, the number of pages that they describe, bad ones included;
      `page_of`, the page of each label in `dropped`; by source, the pages, documents and boxes of each class, of all
      `labelled` pages and of each part of the `used` pages; `documents_on_both_sides`, the number of documents with
      pages in several parts, with their names in `shared_documents` and their pages in each part in `shared_pages`;
      `dropped` and `ignored`, names by reason; and the dataset's metadata.
    """
    shared = documents_in_several_parts(pages, content_of)
    return {
        "pages": len(dataset.pages),
        "entries": len(
            {page.name for page in dataset.pages} | {dataset.page_of.get(name, name) for name, _ in dataset.dropped}
        ),
        "page_of": dataset.page_of,
        "boxes": sum(len(page.labels) for page in dataset.pages),
        "boxes_of_class": _boxes_of_class(dataset.pages),
        "labelled": _counts(dataset.pages),
        "used": {
            part: _counts(mine)
            for part in PARTS
            if (mine := [page for page in pages if page.split == part]) or part != "test"
        },
        "documents_on_both_sides": len(shared),
        "shared_documents": sorted(min(page.document for page in document) for document in shared),
        "shared_pages": dict(collections.Counter(page.split for document in shared for page in document)),
        **dataset.metadata,
        "notes": dataset.notes,
        "dropped": _by_reason([*dataset.dropped, *dropped]),
        "ignored": _by_reason(dataset.ignored),
    }


def _by_reason(pairs: Sequence[Dropped]) -> dict[str, list[str]]:
    names = collections.defaultdict(list)
    for name, reason in pairs:
        names[reason].append(name)
    return dict(sorted(names.items()))


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


def report_lines(report: Report) -> list[tuple[str, str]]:
    """A report as (label, text) lines for the console."""
    classes = ", ".join(f"{count:,} {name}" for name, count in report["boxes_of_class"].items())
    lines = [("labels", f"{report['pages']:,} pages with {report['boxes']:,} boxes ({classes})"), *report["notes"]]
    for reason, names in _summary(report):
        lines.append(("left out", f"{len(names):,}: {reason} ({_first(names)})"))
    head = f"{'':<11}{'source':<13}" + "".join(f"{name:>11}" for name in ("pages", "documents", *CLASSES))
    lines.append(("split", head))
    for split, sources in {"all": report["labelled"], **report["used"]}.items():
        for source, counts in sources.items():
            lines.append(("", f"{split:<11}{source:<13}" + "".join(f"{count:>11,}" for count in counts.values())))
    lines.append(("", shared_documents(report)))
    return [tuple(line) for line in lines]


def split_lines(report: Report) -> list[tuple[str, str]]:
    """(label, text) lines for every mode: how labels were read, how pages were split, what the parts share."""
    lines = [(label, text) for label, text in report["notes"] if label in LABELS_SHOWN]
    return [*lines, ("shared", shared_documents(report))]


def shared_documents(report: Report) -> str:
    """The number of documents with pages in several parts, and the first ones, as text."""
    count, names = report["documents_on_both_sides"], report["shared_documents"]
    where = "both splits" if len(report["used"]) == 2 else "several splits"
    if not count:
        return f"documents in {where}: 0"
    of_parts = ", ".join(f"{report['shared_pages'][part]:,} {part}" for part in PARTS if part in report["shared_pages"])
    shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    return f"documents in {where}: {count:,}, with {of_parts} pages ({shown})"


def write_report(folder: Path, report: Report) -> None:
    """Writes the report as JSON and as text."""
    (folder / FILE_NAME).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    text = "".join(f"{label:<9}{text}".rstrip() + "\n" for label, text in report_lines(report))
    (folder / TEXT_NAME).write_text(text, encoding="utf-8", errors="surrogateescape")


def read_report(folder: Path) -> Report | None:
    """The report of a folder of shards; None if this project did not build them."""
    try:
        report: Report = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        return report
    except FileNotFoundError:
        return None


def left_out(report: Report | None) -> list[tuple[str, str]]:
    """(number and first names, reason) for each reason why pages or labels were left out."""
    lines = []
    for reason, names in _summary(report) if report else []:
        noun = next((noun for start, noun in _NOUNS.items() if reason.startswith(start)), "page")
        lines.append((f"{count_of(len(names), noun)} ({_first(names)})", reason))
    return lines


def _first(names: Sequence[str]) -> str:
    return ", ".join(printable(name) for name in names[:3]) + (", ..." if len(names) > 3 else "")


def _summary(report: Report) -> list[tuple[str, list[str]]]:
    """(reason, names) of what was left out, bad ones first; reasons that differ only in brackets are one group."""
    groups: dict[str, list[tuple[str, str]]] = collections.defaultdict(list)
    for kind in ("dropped", "ignored"):
        for reason, names in report[kind].items():
            groups[reason.split(" (")[0]] += [(name, reason) for name in names]
    return [
        (pairs[0][1] if len({reason for _, reason in pairs}) == 1 else group, [name for name, _ in pairs])
        for group, pairs in groups.items()
    ]
