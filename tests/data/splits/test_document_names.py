"""Which pages are of one document, by their names."""

import pytest

from data.splits.document_names import DOCUMENT_RULES, documents_of, NUMBERED_COPIES, TOBACCO


@pytest.mark.parametrize("rule", DOCUMENT_RULES, ids=lambda rule: rule.name)
def test_every_rule_understands_its_example(rule):
    name, document = rule.example
    found = documents_of([f"{name}.png"])
    assert (found.documents, found.rules) == ([document], {rule.name: 1})


@pytest.mark.parametrize(
    ("names", "document"),
    [
        (["train/images/a_jpg.rf.0123456789abcdef.jpg", "valid/images/a_jpg.rf.fedcba9876543210.jpg"], "a"),
        (["a_png.rf.0123456789.jpg", "a_jpeg.rf.0123456789.jpg"], "a"),
        (["a_png.rf.0123456789_jpg.rf.9876543210.jpg", "a.png"], "a"),
        (["lease-page02.png", "lease_p3.png", "lease page 4 of 9.png", "lease.png"], "lease"),
        (["lease.png", "lease (2).png"], "lease"),
        (["LAL45056_p1.png", "LAL45056_amendment_3_p2.png"], "LAL45056"),
        (["cheque_7_front.png", "cheque_7_back.png"], "cheque_7"),
        (["aji32e00-page02_2.png", "aji32e00_1.png"], "aji32e00"),
    ],
)
def test_versions_and_pages_are_one_document(names: list[str], document: str):
    assert documents_of(names).documents == [document] * len(names)


@pytest.mark.parametrize(
    "names",
    [
        ["IMG_0001.png", "IMG_0002.png"],
        ["scan (1).png", "scan (2).png"],
        ["a/page1.png", "b/page1.png"],
        ["train/images/0001.png", "valid/images/0001.png"],
        ["map4.png", "map5.png"],
        ["ann/lease_p1.png", "bob/lease_p1.png"],
    ],
)
def test_names_that_only_count_are_documents_of_their_own(names: list[str]):
    assert len(set(documents_of(names).documents)) == len(names)


def test_scans_are_distinguished_from_documents_and_rules_are_counted():
    found = documents_of(["aao54e00_1_jpg.rf.0123456789.jpg", "aao54e00_2_jpg.rf.0123456789.jpg", "x.png", "x (2).png"])
    assert len(set(found.documents)) == 2
    assert found.scans == ["aao54e00_1", "aao54e00_2", "x", "x"]
    assert found.rules == {"Roboflow's versions": 2, TOBACCO: 2, NUMBERED_COPIES: 1}
    assert "4 pages of 2 documents" in found.sentence
    assert "no rule" in documents_of(["a.png", "b.png"]).sentence


def test_a_pattern_of_ones_own():
    found = documents_of(["case7-1.png", "case7-2.png", "case8-1.png", "other.png"], r"(case\d+)-")
    assert found.documents == ["case7", "case7", "case8", "other.png"]
