"""Pictures that several entries of the labels speak of: taken once, or refused if the entries contradict each other."""

import collections
from collections.abc import Iterable
from pathlib import Path

from data.errors import UserError
from data.labelled_pages import Dropped
from data.labels.document_pages import page_count_of, which_of_several
from data.labels.label_sets import MarkedPage
from data.splits.path_names import folded, PARTS, split_of


def once(pages: Iterable[MarkedPage], root: Path) -> tuple[list[MarkedPage], list[Dropped], dict[str, list[str]]]:
    """Takes each picture once: of several entries that say the same, the first that is of a part of a split.

    Args:
      pages: as the labels have them.
      root: the dataset.

    Returns:
      (pages, entries that say the same again, the parts by name of each page whose entries are of several).

    Raises:
      UserError: a picture is labelled twice, with other boxes.
    """
    groups: dict[object, list[MarkedPage]] = collections.defaultdict(list)
    for page in pages:
        groups[(page.picture, page.frame) if page.picture else id(page)].append(page)
    ignored: list[Dropped] = []
    conflicts = []
    for group in groups.values():
        if len({_meaning(page) for page in group}) > 1:
            conflicts.append(group)
        ignored += [(page.name, "an entry that says the same of a picture again") for page in group[1:]]
    if conflicts:
        first = conflicts[0]
        files = list(dict.fromkeys(_below(page.labels, root) for page in first))
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
    chosen, parts_of = [], dict[str, list[str]]()
    for group in groups.values():
        parts = _parts_of(group, root)
        chosen.append(next((parts[part] for part in PARTS if part in parts), group[0]))
        if len(parts) > 1:
            parts_of[chosen[-1].name] = [part for part in PARTS if part in parts]
    return chosen, ignored, parts_of


def _meaning(page: MarkedPage) -> tuple[frozenset[tuple[object, ...]], int]:
    boxes = frozenset((mark.kind.casefold(), *(round(value, 4) for value in mark.box)) for mark in page.marks)
    return boxes, len(page.lost)


def _parts_of(pages: Iterable[MarkedPage], root: Path) -> dict[str, MarkedPage]:
    """The first page of each part; `instances_trainval.json` counts only for what no other label file gives a part."""
    named = [(part, page) for page in pages if (part := part_of(page, root))]
    narrower = [(part, page) for part, page in named if "trainval" not in page.labels.stem.lower()]
    return dict(reversed(narrower or named))


def part_of(marked: MarkedPage, root: Path) -> str:
    """The part of a split that the labels of a page name, by their file or in it; "" if they name none.

    Args:
      marked: the page.
      root: the dataset.
    """
    return marked.part or split_of(_path_that_names_a_part(marked, root))


def _path_that_names_a_part(marked: MarkedPage, root: Path) -> Path:
    """The label file within the dataset; its folders alone if it is the label file of this picture."""
    file = marked.labels.relative_to(root)
    of_one_picture = folded(file.stem) == folded(Path(marked.name).stem)
    if marked.frame is not None and marked.picture:
        of_one_picture = folded(file.stem).startswith(folded(marked.picture.stem))
    return file.with_name("labels") if of_one_picture else file


def _below(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
