"""Splits by document: no document is in both parts, and both parts have similar shares."""

import collections
import random

import numpy as np
import pytest
from real_data import REAL_SIGNVEROD

from data.errors import UserError
from data.labelled_pages import box_arrays, LabelledPage
from data.labels.signverod_tables import read_tables
from data.splits.document_split import split_by_document


def page(name: str, document: str, source: str = "one", labels: tuple[int, ...] = (1,)) -> LabelledPage:
    boxes, kinds = box_arrays([(0, 0, 1, 1)] * len(labels), list(labels))
    return LabelledPage(name, None, boxes, kinds, document, source)


def own_pictures(pages: list[LabelledPage]) -> dict[str, str]:
    return {page.name: page.name for page in pages}


def parts_of(pages: list[LabelledPage], key) -> dict[str, set[str]]:
    found = collections.defaultdict(set)
    for each in pages:
        found[key(each)].add(each.split)
    return found


def shares(pages: list[LabelledPage]) -> dict[tuple[str, int], float]:
    """Share on the validation part of each source's pages (0) and objects of each class."""
    every = [(p.split, (p.source, int(label))) for p in pages for label in (0, *p.labels)]
    total = collections.Counter(kind for _, kind in every)
    out = collections.Counter(kind for part, kind in every if part == "validation")
    return {kind: out[kind] / total[kind] for kind in total}


@pytest.mark.skipif(not REAL_SIGNVEROD.exists(), reason="no real SignverOD tables beside the repository")
def test_signverod_is_split_without_leaks_and_evenly():
    pages = read_tables(REAL_SIGNVEROD).pages
    split = split_by_document(pages, 0.19, own_pictures(pages))
    assert [p.name for p in split] == [p.name for p in pages]
    assert all(len(found) == 1 for found in parts_of(split, lambda p: p.document).values())
    for kind, share in shares(split).items():
        assert share == pytest.approx(0.19, abs=0.02), kind
    large = [p for p in split if p.document == "gsa LAL45056"]
    assert len(large) == 63


def test_the_order_of_the_pages_changes_nothing():
    pages = [page(f"{d}-{n}", f"document {d}") for d in range(30) for n in range(d % 3 + 1)]
    shuffled = random.Random(0).sample(pages, len(pages))
    first, second = (
        {p.name: p.split for p in split_by_document(order, 0.25, own_pictures(pages))} for order in (pages, shuffled)
    )
    assert first == second


def test_a_picture_that_two_documents_share_makes_them_one():
    pages = [page(f"{d}-{n}", f"document {d}") for d in range(20) for n in range(2)]
    content = own_pictures(pages) | {f"{d}-0": "the same form" for d in range(4, 12)}
    split = split_by_document(pages, 0.4, content)
    assert len({p.split for p in split if p.document in {f"document {d}" for d in range(4, 12)}}) == 1
    assert {p.split for p in split} == {"train", "validation"}


def test_rare_classes_are_in_both_parts():
    pages = [page(f"p{n}", f"d{n}", labels=(1, 1, 1)) for n in range(90)]
    pages += [page(f"r{n}", f"e{n}", labels=(1, 3)) for n in range(10)]
    share = shares(split_by_document(pages, 0.2, own_pictures(pages)))
    assert share["one", 3] == pytest.approx(0.2)
    assert share["one", 0] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("held_out", [0.01, 0.5, 0.9])
def test_no_part_is_ever_empty(held_out: float):
    pages = [page(name, name) for name in "ab"]
    assert {p.split for p in split_by_document(pages, held_out, own_pictures(pages))} == {"train", "validation"}


def test_one_document_cannot_be_split():
    pages = [page(name, "all") for name in "abc"]
    with pytest.raises(UserError, match="3 pages of 1 document"):
        split_by_document(pages, 0.2, own_pictures(pages))


def test_pages_without_objects_count_as_pages():
    pages = [page(f"p{n}", f"d{n}", labels=()) for n in range(50)]
    split = split_by_document(pages, 0.2, own_pictures(pages))
    assert np.mean([p.split == "validation" for p in split]) == pytest.approx(0.2)
