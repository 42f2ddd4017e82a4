"""The part of a split that labels give a page, by their folder, by the name of their file, or in it."""

from collections.abc import Iterable
from pathlib import Path

from data.labels.label_sets import MarkedPage
from data.splits.path_names import folded, split_of


def part_of(marked: MarkedPage, root: Path) -> str:
    """The part of a split that the labels of a page name; "" if they name none.

    Args:
      marked: the page.
      root: the dataset.
    """
    return marked.part or split_of(_path_that_names_a_part(marked, root))


def entries_by_part(entries: Iterable[MarkedPage], root: Path) -> dict[str, MarkedPage]:
    """The first entry of each part, without entries that name no part.

    A label file called `trainval` covers two parts, so its entries count only if no other entry names a part.

    Args:
      entries: all entries of one page.
      root: the dataset.
    """
    named = [(part, entry) for entry in entries if (part := part_of(entry, root))]
    narrower = [(part, entry) for part, entry in named if "trainval" not in entry.labels.stem.lower()]
    return dict(reversed(narrower or named))


def _path_that_names_a_part(marked: MarkedPage, root: Path) -> Path:
    """The path of a label file within the dataset; only its folders if it is the label file of this picture alone."""
    file = marked.labels.relative_to(root)
    of_one_picture = folded(file.stem) == folded(Path(marked.name).stem)
    if marked.frame is not None and marked.picture:
        of_one_picture = folded(file.stem).startswith(folded(marked.picture.stem))
    return file.with_name("labels") if of_one_picture else file
