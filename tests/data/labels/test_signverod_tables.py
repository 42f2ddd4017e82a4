"""SignverOD's real tables, and small tables with every fault."""

import collections
import random
from pathlib import Path

import numpy as np
import pytest
from real_data import REAL_SIGNVEROD
from signverod_files import BOX, PAGES, write_pictures, write_tables

from data.errors import UserError
from data.labels.signverod_tables import document_of, has_tables, read_tables, source_of, Tables
from data.pages.page_records import find_shards, parse_page
from data.pages.tf_examples import read_record, record_offsets

real = pytest.mark.skipif(not REAL_SIGNVEROD.exists(), reason="no real SignverOD tables beside the repository")


@pytest.fixture(scope="module")
def whole() -> Tables:
    return read_tables(REAL_SIGNVEROD)


def counts(tables: Tables) -> list[int]:
    return np.bincount(np.concatenate([page.labels for page in tables.pages]), minlength=5)[1:].tolist()


@real
def test_the_real_tables_are_repaired(whole: Tables):
    assert len(whole.pages) == len({page.name for page in whole.pages}) == 2765
    assert counts(whole) == [4551, 989, 1912, 570]
    assert (whole.numberings, whole.colliding_ids, whole.duplicate_boxes, whole.dropped) == (2, 632, 1193, [])
    sources = collections.Counter(page.source for page in whole.pages)
    assert sources == {"GSA": 1016, "NIST": 900, "Tobacco800": 778, "cheques": 71}


@real
def test_only_gsa_pages_have_other_classes(whole: Tables):
    """A wrong repair would assign initials, redactions and dates to other pages."""
    assert {page.source for page in whole.pages if (page.labels > 1).any()} == {"GSA"}


@real
def test_the_shipped_split_leaks(whole: Tables):
    test = {name for name, parts in whole.shipped_parts.items() if "test" in parts}
    assert len(test) == 520
    assert len(whole.leaking_pages()) == 320
    assert set(whole.leaking_pages()) < set(whole.pages_with_leaking_documents()) < test


@real
def test_the_boxes_are_those_of_the_real_records(whole: Tables):
    pages = {page.name: page for page in whole.pages}
    for part in ("train", "eval"):
        for shard in find_shards(REAL_SIGNVEROD, part):
            for offset in record_offsets(shard)[0]:
                record = parse_page(read_record(shard, offset))
                ours = pages[record.name].boxes
                np.testing.assert_allclose(np.sort(ours, axis=0), np.sort(record.boxes, axis=0), atol=1e-5)


@real
@pytest.mark.parametrize("seed", [1, 2])
def test_a_release_with_other_rows_is_repaired_as_well(whole: Tables, tmp_path: Path, seed: int):
    """Some rows of every table are left out, so that row numbers change."""
    chance = random.Random(seed)
    gone = {page.name for page in whole.pages if chance.random() < 0.3}
    header, *rows = (REAL_SIGNVEROD / "image_ids.csv").read_text().splitlines()
    kept = [row for row in rows if row.split(",", 3)[3].strip('"') not in gone]
    (tmp_path / "image_ids.csv").write_text("\n".join([header, *kept]))
    for name in ("train.csv", "test.csv"):
        header, *rows = (REAL_SIGNVEROD / name).read_text().splitlines()
        (tmp_path / name).write_text("\n".join([header, *(row for row in rows if chance.random() < 0.9)]))
    (tmp_path / "categories.csv").write_text((REAL_SIGNVEROD / "categories.csv").read_text())
    before = {page.name: {tuple(box) for box in page.boxes.tolist()} for page in whole.pages}
    tables = read_tables(tmp_path)
    assert len(tables.pages) > 1700
    assert gone.isdisjoint(page.name for page in tables.pages)
    for page in tables.pages:
        assert {tuple(box) for box in page.boxes.tolist()} <= before[page.name], page.name


def test_small_tables_are_read_whole(tmp_path: Path):
    write_tables(tmp_path, train=PAGES, test=(PAGES[1], PAGES[5]))
    write_pictures(tmp_path, PAGES[:3])
    assert has_tables(tmp_path)
    tables = read_tables(tmp_path)
    assert [page.name for page in tables.pages] == list(PAGES)
    assert counts(tables) == [8, 0, 0, 3]
    assert tables.duplicate_boxes == 3
    assert tables.leaking_pages() == sorted([PAGES[1], PAGES[5]])
    assert [page.path for page in tables.pages][2:4] == [tmp_path / "images" / PAGES[2], None]
    np.testing.assert_allclose(tables.pages[0].boxes, [[0.5, 0.25, 0.7, 0.75]])
    assert tables.pages[0].size == (60, 40)


def test_a_test_page_of_a_document_that_is_trained_on_leaks_too(tmp_path: Path):
    write_tables(tmp_path, train=(*PAGES[:2], PAGES[5]), test=(PAGES[2], PAGES[3], PAGES[6], PAGES[7]))
    tables = read_tables(tmp_path)
    assert tables.leaking_pages() == []
    assert tables.pages_with_leaking_documents() == sorted([PAGES[2], PAGES[6]])


@pytest.mark.parametrize(
    ("name", "source", "document"),
    [
        ("gsa_LAL50113-Lease-_Z-03.png", "GSA", "gsa LAL50113"),
        ("gsa_LAL50113-SLA-12-_Z-01.png", "GSA", "gsa LAL50113"),
        ("gsa_(R)LDC02012-SLA-1-2.png", "GSA", "gsa LDC02012"),
        ("gsa_ Lease Document - Executed_Redacted-9.png", "GSA", "gsa_ Lease Document - Executed_Redacted"),
        ("nist_r0392_01.png", "NIST", "nist_r0392"),
        ("X_029.jpeg", "cheques", "X_029"),
        ("wau30a00-page9_8.png", "Tobacco800", "wau30a00"),
        ("wzk36d00page02-first_2.png", "Tobacco800", "wzk36d00"),
        ("nda6aa00.png", "Tobacco800", "nda6aa00"),
        ("getdoc.png", "Tobacco800", "getdoc"),
    ],
)
def test_names_show_source_and_document(name: str, source: str, document: str):
    assert (source_of(name), document_of(name)) == (source, document)


def broken(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text()
    assert old in text
    (root / file).write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("train.csv", "image_id", "picture", "train.csv: has no column image_id"),
        ("image_ids.csv", "60,40,1,", "60,40,one,", "image_ids.csv: line 2: id is 'one', not a whole number"),
        ("image_ids.csv", "60,40,2,", "60,40,1,", "image_ids.csv: the ids cannot be told apart"),
        ("categories.csv", "initials", "stamp", "categories.csv: line 3: stamp is none of signature"),
        ("train.csv", ",1,1\n", ",1,9\n", "train.csv: cannot tell which page its image_id means"),
    ],
)
def test_a_table_of_another_form_is_refused(tmp_path: Path, file: str, old: str, new: str, expected: str):
    write_tables(tmp_path, train=PAGES, test=())
    (tmp_path / "test.csv").write_text((tmp_path / "train.csv").read_text())
    broken(tmp_path, file, old, new)
    with pytest.raises(UserError, match=expected):
        read_tables(tmp_path)


def test_a_missing_or_empty_table_is_refused(tmp_path: Path):
    write_tables(tmp_path, train=PAGES, test=())
    with pytest.raises(UserError, match=r"test\.csv: has no rows"):
        read_tables(tmp_path)
    (tmp_path / "test.csv").unlink()
    assert not has_tables(tmp_path)
    with pytest.raises(UserError, match=r"test\.csv: is missing"):
        read_tables(tmp_path)


def test_rows_that_cannot_be_used_are_named(tmp_path: Path):
    write_tables(tmp_path, train=PAGES, test=PAGES)
    broken(tmp_path, "train.csv", BOX, "[0.25, 0.5, 0.5]")
    broken(tmp_path, "train.csv", f'"{BOX}",1,2', f'"{BOX}",7,2')
    tables = read_tables(tmp_path)
    assert [place for place, _ in tables.dropped] == ["train.csv line 2", "train.csv line 3"]
    assert "no such box" in tables.dropped[0][1]
    assert "no such page or class" in tables.dropped[1][1]
    assert len(tables.pages) == len(PAGES)
