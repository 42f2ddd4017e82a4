"""Checks that the label files of a split do not list a page for several parts."""

from collections import defaultdict

from data.errors import UserError
from data.labelled_pages import LabelledDataset
from data.splits.path_names import PARTS
from data.wording import count_of

_SHOWN = 3


def check_parts(dataset: LabelledDataset) -> list[tuple[str, str]]:
    """Checks that label files list each page for one part. A part that equals another one does not count.

    Args:
      dataset: pages with the first of their parts as `split`.

    Returns:
      (label, sentence) lines for people.

    Raises:
      UserError: label files of two parts list the same page, and other pages that differ.
    """
    listed: dict[str, set[str]] = defaultdict(set)
    for page in dataset.pages:
        for part in dataset.parts_of.get(page.name, [page.split]):
            listed[part].add(page.name)
    notes = []
    for part in PARTS[:0:-1]:
        alike = [other for other in PARTS if other != part and part in listed and listed[other] == listed[part]]
        if alike:
            what = count_of(len(listed.pop(part)), "page")
            notes.append(("split", f"label files list the same {what} for {part} and {alike[0]}, which is no split"))
    clashes = [
        f"{page.name} ({' and '.join(parts)})"
        for page in dataset.pages
        if len(parts := [part for part in dataset.parts_of.get(page.name, ()) if part in listed]) > 1
    ]
    if clashes:
        shown = ", ".join(clashes[:_SHOWN]) + (", ..." if len(clashes) > _SHOWN else "")
        raise UserError(
            "dataset.split",
            f"label files of two parts list {count_of(len(clashes), 'page')}: {shown}",
            ("take each out of one of them", "dataset.split=documents"),
        )
    return notes
