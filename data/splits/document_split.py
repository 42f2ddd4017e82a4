"""Splits pages into parts, whole documents at a time, alike in classes and sources."""

import collections
import dataclasses
import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from data.errors import UserError
from data.labelled_pages import LabelledPage
from data.splits.path_names import PARTS

Documents = list[list[LabelledPage]]


def complete_split(
    pages: Sequence[LabelledPage], held_out: float, test: float, content_of: Mapping[str, str]
) -> tuple[list[LabelledPage], list[tuple[str, str]]]:
    """Gives every page a part. Parts that are there are kept; what is missing is made of documents to train on.

    Args:
      pages: each with its part, or all without.
      held_out: share for validation, if there is no such part.
      test: share for the test part, if there is no such part; 0 for none.
      content_of: a hash of the picture by page name; pages of the same picture count as one document.

    Returns:
      (pages, (label, sentence) lines on which parts were made).

    Raises:
      UserError: there are too few documents.
    """
    given = {page.split for page in pages} - {""}
    split = [dataclasses.replace(page, split=page.split or "train") for page in pages]
    notes = []
    if "test" in given and test:
        notes.append(("split", "dataset.test is not used: there is a test part already"))
    elif test:
        split = _move(split, "test", test, content_of)
    if "validation" not in given:
        left = 1.0 if given else 1 - test  # shares are of all documents where there was no split
        split = _move(split, "validation", min(held_out / left, 0.95), content_of)
    if given:
        made = [f"{sum(page.split == part for page in split):,} {part}" for part in PARTS[1:] if part not in given]
        made = [text for text in made if not text.startswith("0 ")]
        if made:
            notes.append(("split", f"made of documents of the training part: {', '.join(made)} pages"))
    return split, notes


def split_by_document(
    pages: Sequence[LabelledPage], held_out: float, content_of: Mapping[str, str], part: str = "validation"
) -> list[LabelledPage]:
    """Gives every page the part `train` or another one.

    Documents are taken from the largest to the smallest, and each goes where it brings the other part's share of every
    kind (pages of a source, objects of a class in a source) closer to what it should be of all that was seen so far; so
    both parts get large and small documents, and the last single pages even out what is left. Among documents of one
    size a hash of the name decides, so that the split depends on nothing but the pages.

    Args:
      pages: to split.
      held_out: share of every kind that the other part is to have, above 0 and below 1.
      content_of: a hash of the picture by page name; pages of the same picture count as one document.
      part: the other part.

    Raises:
      UserError: there are not two documents.
    """
    documents = joined_documents(pages, content_of)
    if len(documents) < 2:
        raise UserError(
            "dataset.root",
            f"{len(pages):,} pages of {len(documents)} document cannot be split in two"
            + (f" ({documents[0][0].document})" if documents else ""),
        )
    kinds = {kind: number for number, kind in enumerate(sorted({kind for page in pages for kind in _kinds(page)}))}
    counts = []
    for document in documents:
        row = np.zeros(len(kinds))
        for kind in (kind for page in document for kind in _kinds(page)):
            row[kinds[kind]] += 1
        counts.append(row)
    out = _hold_out(np.array(counts), held_out)
    part_of = {
        page.name: part if is_out else "train"
        for document, is_out in zip(documents, out, strict=True)
        for page in document
    }
    return [dataclasses.replace(page, split=part_of[page.name]) for page in pages]


def documents_in_several_parts(pages: Sequence[LabelledPage], content_of: Mapping[str, str]) -> Documents:
    """Documents, and pages of the same picture, of which several parts have pages."""
    documents = joined_documents(pages, content_of)
    return [document for document in documents if len({page.split for page in document}) > 1]


def joined_documents(pages: Sequence[LabelledPage], content_of: Mapping[str, str]) -> Documents:
    """Documents, those with a picture in common made one, from the largest to the smallest."""
    parents: dict[str, str] = {}

    def root_of(node: str) -> str:
        while (parent := parents.setdefault(node, node)) != node:
            node = parent
        return node

    for page in pages:
        parents[root_of(f"picture {content_of[page.name]}")] = root_of(f"document {page.document}")
    groups = collections.defaultdict(list)
    for page in pages:
        groups[root_of(f"document {page.document}")].append(page)
    return sorted(groups.values(), key=_size_and_chance)


def _move(pages: Sequence[LabelledPage], part: str, share: float, content_of: Mapping[str, str]) -> list[LabelledPage]:
    """Moves documents from the training part to another; documents of which another part has pages stay."""
    shared = {page.name for document in documents_in_several_parts(pages, content_of) for page in document}
    free = [page for page in pages if page.split == "train" and page.name not in shared]
    if len(joined_documents(free, content_of)) < 2:
        count = len(joined_documents([page for page in pages if page.split == "train"], content_of))
        raise UserError(
            "dataset.root",
            f"there is no {part} part, and {len(free):,} pages of {count} document{'s' * (count != 1)} cannot be split "
            "in two",
        )
    moved = {page.name: page for page in split_by_document(free, share, content_of, part)}
    return [moved.get(page.name, page) for page in pages]


def _size_and_chance(document: list[LabelledPage]) -> tuple[int, bytes]:
    return -len(document), hashlib.blake2b(
        min(page.document for page in document).encode(errors="surrogateescape")
    ).digest()


def _kinds(page: LabelledPage) -> list[tuple[str, int]]:
    """What a page adds to: the pages of its source (label 0), and the objects of each class in its source."""
    return [(page.source, 0), *((page.source, int(label)) for label in page.labels)]


def _hold_out(counts: npt.NDArray[np.float64], held_out: float) -> list[bool]:
    """Whether each document is held out.

    Args:
      counts: float64 [documents, kinds].
      held_out: share wanted.
    """
    weights = 1 / counts.sum(axis=0)  # a rare kind counts as much as a common one
    surplus = np.zeros(counts.shape[1])  # of the part held out against its share of what was seen so far
    held = []
    for row in counts:
        out, kept = surplus + (1 - held_out) * row, surplus - held_out * row
        is_out = bool(((out * weights) ** 2).sum() < ((kept * weights) ** 2).sum())
        surplus = out if is_out else kept
        held.append(is_out)
    if len(set(held)) == 1:  # few documents: the smallest goes to the part that has none
        held[-1] = not held[-1]
    return held
