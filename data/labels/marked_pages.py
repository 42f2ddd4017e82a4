"""Finds the page that each label means: pages of documents, duplicates, and pages without labels."""

import collections
from collections.abc import Iterable
from pathlib import Path

from data.errors import UserError
from data.folders import name_below
from data.labelled_pages import Dropped
from data.labels.document_pages import COUNT_FROM_ONE, DocumentPages, page_count_of, which_of_several
from data.labels.label_parts import entries_by_part
from data.labels.label_sets import MarkedPage
from data.labels.picture_names import NO_PICTURE
from data.own_files import is_own_picture
from data.splits.path_names import PARTS


def find_document_pages(pages: Iterable[MarkedPage], documents: DocumentPages, root: Path) -> None:
    """Finds the pages of documents that names mean.

    Pages without a picture get the page that their name means. Pages of a whole document get the page that the name of
    their label file means.

    Raises:
      UserError: page numbers count from 0, so that every box would be a page off.
    """
    for page in pages:
        if page.picture and not page.problem and page.frame is None and page_count_of(page.picture) > 1:
            found = documents.find(page.labels.stem, page.labels)
            if found and found.path == page.picture and found.frame is not None:
                page.frame, page.name = found.frame, _page_name(found.path, found.frame, root)
        elif page.picture is None and page.problem == NO_PICTURE and (found := documents.find(page.name, page.labels)):
            page.problem = found.problem
            if found.from_zero:
                raise UserError(name_below(page.labels, root), f"of {page.name}, {found.problem}", (COUNT_FROM_ONE,))
            if found.frame is not None:
                page.picture, page.frame = found.path, found.frame
                page.name = _page_name(found.path, found.frame, root)


def without_duplicates(
    pages: Iterable[MarkedPage], root: Path
) -> tuple[list[MarkedPage], list[Dropped], dict[str, list[str]]]:
    """Keeps one entry for each picture: the first entry of its first part, or the first of all if none names a part.

    Returns:
      (pages, entries that repeat others, name of a page -> its parts if its entries name several).

    Raises:
      UserError: a picture is labelled twice, with different boxes.
    """
    groups: dict[object, list[MarkedPage]] = collections.defaultdict(list)
    for page in pages:
        groups[(page.picture, page.frame) if page.picture else id(page)].append(page)
    ignored: list[Dropped] = []
    conflicts = []
    for group in groups.values():
        if len({_meaning(page) for page in group}) > 1:
            conflicts.append(group)
        ignored += [(page.name, "an entry that repeats another one") for page in group[1:]]
    if conflicts:
        first = conflicts[0]
        files = list(dict.fromkeys(name_below(page.labels, root) for page in first))
        where = f"in {' and '.join(files[:3])}" if len(files) > 1 else f"twice in {files[0]}"
        more = f", and {len(conflicts) - 1:,} more pictures" if len(conflicts) > 1 else ""
        picture = first[0].picture
        if picture and first[0].frame is None and (count := page_count_of(picture)) > 1:
            more += f": {which_of_several(picture, count)}"
        raise UserError(
            "dataset.root",
            f"{first[0].name} is labelled {where}, with other boxes{more}",
            ("keep one set of labels for each picture, and move the other out of the folder",),
        )
    kept, parts_of = [], dict[str, list[str]]()
    for group in groups.values():
        by_part = entries_by_part(group, root)
        parts = [part for part in PARTS if part in by_part]
        page = by_part[parts[0]] if parts else group[0]
        kept.append(page)
        if len(parts) > 1:
            parts_of[page.name] = parts
    return kept, ignored, parts_of


def unlabelled_pages(files: Iterable[Path], marked: Iterable[MarkedPage], root: Path) -> list[MarkedPage]:
    """The pages that no label describes; none of a file whose labels mean the whole file."""
    frames_of: dict[Path, set[int | None]] = collections.defaultdict(set)
    for page in marked:
        if page.picture:
            frames_of[page.picture].add(page.frame)
    bare = []
    for file in files:
        described = frames_of[file]
        if None not in described and not _is_ours(file):
            frames = [frame for frame in range(page_count_of(file)) if frame not in described]
            bare += [MarkedPage(_page_name(file, frame, root), file, file, frame=frame) for frame in frames]
    return bare


def _page_name(path: Path, frame: int, root: Path) -> str:
    """The name of a page: that of its file, and its number if the file holds several."""
    return f"{name_below(path, root)} page {frame + 1}" if page_count_of(path) > 1 else name_below(path, root)


def _meaning(page: MarkedPage) -> tuple[frozenset[tuple[object, ...]], int]:
    """The boxes of a page and the number of its unusable labels; equal for entries that repeat each other."""
    boxes = frozenset((mark.kind.casefold(), *(round(value, 4) for value in mark.box)) for mark in page.marks)
    return boxes, len(page.lost)


def _is_ours(picture: Path) -> bool:
    """Whether the project wrote a picture."""
    return picture.suffix.lower() == ".png" and is_own_picture(picture)
