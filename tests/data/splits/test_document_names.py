"""Documents of pages by their names."""

import shlex

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
        (["contrato_pagina_1.png", "contrato-Página 2.png", "contrato_pag3.png", "contrato_p1 de 3.png"], "contrato"),
        (["umowa_strona1.png", "umowa_strona_2.png"], "umowa"),
        (["lease.png", "lease (2).png"], "lease"),
        (["LAL45056_p1.png", "LAL45056_amendment_3_p2.png"], "LAL45056"),
        (["cheque_7_front.png", "cheque_7_back.png"], "cheque_7"),
        (["aji32e00-page02_2.png", "aji32e00_1.png"], "aji32e00"),
        (["train/Lease_Page1.png", "val/lease_page2.png"], "Lease"),
        (["bail_\u00e9t\u00e9_page1.png", "bail_e\u0301te\u0301_page2.png"], "bail_\u00e9t\u00e9"),
        (["v1/train/lease_jpg.rf.0123456789.jpg", "v2/valid/lease_jpg.rf.9876543210.jpg"], "lease"),
        (["0a1b2c3d-lease_page1.png", "12345678-lease_page2.png"], "lease"),
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


def test_a_folder_of_pages_is_a_document():
    names = [
        f"{part}/contract{number}/{page}.png"
        for number in range(3)
        for part, page in (("train", "page1"), ("val", "p-2"))
    ]
    assert documents_of(names).documents == [f"contract{number}" for number in range(3) for _ in range(2)]


@pytest.mark.parametrize(
    "names",
    [
        ["20240101-lease_p1.png", "20240202-lease_p1.png"],  # dates
        ["0a1b2c3d-lease_p1.png", "0a1b2c3d-letter_p1.png"],  # a number of something else
        ["0a1b2c3d-IMG_1.png", "1a1b2c3d-IMG_1.png"],
        ["0a1b2c3d-lease_p1.png", "lease_p1.png", "letter_p1.png"],
    ],
)
def test_what_is_no_upload_of_label_studio(names: list[str]):
    assert len(set(documents_of(names).documents)) == len(names)


def test_names_that_differ_in_the_last_number_are_doubted():
    def doubt(*forms: str) -> str:
        return documents_of([form.format(page) for form in forms for page in (1, 2)]).doubt

    said = doubt("lease-{}.png", "letter-{}.png", "form-{}.png")
    assert said.startswith("lease-1 and lease-2 count as two documents; if such names are pages of one, add ")
    assert doubt("a/{}.png", "b/{}.png", "c/{}.png").startswith("a/1 and a/2 count")
    assert not doubt("lease-{}.png", "letter-{}.png")
    assert not doubt("IMG_{}.png", "scan{}.png", "{}.png")
    assert not doubt("lease_page{}.png", "letter_page{}.png", "form_page{}.png")
    assert not documents_of([f"{kind}/{number}.png" for kind in "abc" for number in range(99)]).doubt


def test_the_pattern_that_a_doubt_proposes_joins_the_pages():
    names = [f"{name}{page}.png" for name in ("lease-", "b/", "form (") for page in (1, 2)]
    pattern = shlex.split(documents_of(names).doubt)[-1].partition("=")[2].strip('"')
    assert documents_of(names, pattern).documents == ["lease", "lease", "b/", "b/", "form", "form"]


def test_scans_are_distinguished_from_documents_and_rules_are_counted():
    found = documents_of(["aao54e00_1_jpg.rf.0123456789.jpg", "aao54e00_2_jpg.rf.0123456789.jpg", "x.png", "x (2).png"])
    assert len(set(found.documents)) == 2
    assert found.scans == ["aao54e00_1", "aao54e00_2", "x", "x"]
    assert found.rules == {"Roboflow's versions": 2, TOBACCO: 2, NUMBERED_COPIES: 1}
    assert "4 pages of 2 documents" in found.sentence
    assert "no rule" in documents_of(["a.png", "b.png"]).sentence


@pytest.mark.parametrize("name", ["..png", ".", "a/..png", "", "a/"])
def test_names_that_are_hardly_names(name: str):  # as TFRecords may have them
    assert len(documents_of([name, "b.png"]).documents) == 2


def test_a_pattern_of_the_user():
    found = documents_of(["case7-1.png", "case7-2.png", "case8-1.png", "other.png"], r"(case\d+)-")
    assert found.documents == ["case7", "case7", "case8", "other.png"]
