"""Splits pages by document into parts with similar shares of classes and sources."""

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
    """Assigns every page to a part. Existing parts are kept; missing parts are made of training documents.

    Args:
      pages: each with its part, or all without a part.
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
        left = 1.0 if given else 1 - test  # without a split, shares are of all documents
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
    """Assigns every page to the part `train` or to another one.

    Documents are assigned from the largest to the smallest. Each goes to the part with which the other part's share of
    every kind (pages of a source, objects of a class in a source) comes closer to the wanted share of the documents so
    far. So both parts get large and small documents, and single pages at the end even out the shares. Documents of one
    size are ordered by a hash of their names, so that the split depends only on the pages.

    Args:
      pages: to split.
      held_out: wanted share of every kind in the other part, above 0 and below 1.
      content_of: a hash of the picture by page name; pages of the same picture count as one document.
      part: the other part.

    Raises:
      UserError: there are fewer than two documents.
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
    """Documents with pages in several parts; pages of the same picture count as one document."""
    documents = joined_documents(pages, content_of)
    return [document for document in documents if len({page.split for page in document}) > 1]


def joined_documents(pages: Sequence[LabelledPage], content_of: Mapping[str, str]) -> Documents:
    """Documents from the largest to the smallest; documents that share a picture are joined."""
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
    """Moves documents from the training part to another part; documents with pages in other parts stay.

    Raises:
      UserError: there are fewer than two documents to move.
    """
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
    """The kinds that a page counts for: pages of its source (label 0), and objects of each class in its source."""
    return [(page.source, 0), *((page.source, int(label)) for label in page.labels)]


def _hold_out(counts: npt.NDArray[np.float64], held_out: float) -> list[bool]:
    """Whether each document is held out.

    Args:
      counts: float64 [documents, kinds].
      held_out: wanted share.
    """
    weights = 1 / counts.sum(axis=0)  # a rare kind counts as much as a common one
    surplus = np.zeros(counts.shape[1])  # of the held-out part, against the wanted share of the documents so far
    held = []
    for row in counts:
        out, kept = surplus + (1 - held_out) * row, surplus - held_out * row
        is_out = bool(((out * weights) ** 2).sum() < ((kept * weights) ** 2).sum())
        surplus = out if is_out else kept
        held.append(is_out)
    if len(set(held)) == 1:  # few documents: the smallest goes to the part that has none
        held[-1] = not held[-1]
    return held
