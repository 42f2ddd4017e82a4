"""Splits pages into a training and a validation split, whole documents at a time, alike in classes and sources."""

import collections
import dataclasses
import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from data.errors import UserError
from data.labelled_pages import LabelledPage


def split_by_document(
    pages: Sequence[LabelledPage], held_out: float, content_of: Mapping[str, str]
) -> list[LabelledPage]:
    """Gives every page the split `train` or `eval`.

    Documents are taken from the largest to the smallest, and each goes where it brings the validation split's share of
    every kind (pages of a source, objects of a class in a source) closer to what it should be of all that was seen so
    far; so both splits get large and small documents, and the last single pages even out what is left. Among documents
    of one size a hash of the name decides, so that the split depends on nothing but the pages.

    Args:
      pages: to split.
      held_out: share of every kind that is to stand on the validation split, above 0 and below 1.
      content_of: a hash of the picture by page name; pages of the same picture count as one document.

    Raises:
      UserError: there are not two documents.
    """
    documents = _join_same_pictures(pages, content_of)
    if len(documents) < 2:
        raise UserError("dataset.root", f"{len(pages)} pages of {len(documents)} document cannot be split in two")
    kinds = {kind: number for number, kind in enumerate(sorted({kind for page in pages for kind in _kinds(page)}))}
    counts = []
    for document in documents:
        row = np.zeros(len(kinds))
        for kind in (kind for page in document for kind in _kinds(page)):
            row[kinds[kind]] += 1
        counts.append(row)
    splits = _assign(np.array(counts), held_out)
    split_of = {page.name: split for document, split in zip(documents, splits, strict=True) for page in document}
    return [dataclasses.replace(page, split=split_of[page.name]) for page in pages]


def _join_same_pictures(pages: Sequence[LabelledPage], content_of: Mapping[str, str]) -> list[list[LabelledPage]]:
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


def _size_and_chance(document: list[LabelledPage]) -> tuple[int, bytes]:
    return -len(document), hashlib.blake2b(
        min(page.document for page in document).encode(errors="surrogateescape")
    ).digest()


def _kinds(page: LabelledPage) -> list[tuple[str, int]]:
    """What a page adds to: the pages of its source (label 0), and the objects of each class in its source."""
    return [(page.source, 0), *((page.source, int(label)) for label in page.labels)]


def _assign(counts: np.ndarray, held_out: float) -> list[str]:
    """The split of each document.

    Args:
      counts: float [documents, kinds].
      held_out: share wanted.
    """
    weights = 1 / counts.sum(axis=0)  # a rare kind counts as much as a common one
    surplus = np.zeros(counts.shape[1])  # of the validation split against its share of what was seen so far
    splits = []
    for row in counts:
        out, kept = surplus + (1 - held_out) * row, surplus - held_out * row
        is_out = ((out * weights) ** 2).sum() < ((kept * weights) ** 2).sum()
        surplus = out if is_out else kept
        splits.append("eval" if is_out else "train")
    if len(set(splits)) == 1:  # few documents: the smallest goes to the split that has none
        splits[-1] = "train" if splits[-1] == "eval" else "eval"
    return splits
