"""dataset.split=clean: from tables and pictures to shards and a report, through the dataset's public interface."""

import json
from pathlib import Path

import pytest
from composing import dataset
from real_data import REAL_SIGNVEROD
from signverod_files import PAGES, write_pictures, write_tables

from data.datasets.signverod import Signverod
from data.errors import UserError
from data.labels import labelled_shards
from data.labels.signverod_tables import document_of
from data.labels.split_report import read_report
from data.pages.canvas import Canvas
from data.pages.tf_examples import write_records


def clean(root: Path, cache: Path, **changes) -> Signverod:
    return dataset("detector", "signverod", root=str(root), cache_dir=str(cache), split="clean", **changes)


@pytest.fixture
def signverod(tmp_path: Path) -> Path:
    write_tables(tmp_path / "raw", train=PAGES, test=(PAGES[1], PAGES[5]))
    write_pictures(tmp_path / "raw")
    return tmp_path / "raw"


def test_no_document_is_in_both_parts(signverod: Path, tmp_path: Path):
    pools = clean(signverod, tmp_path / "cache").load(Canvas((128, 96)))
    parts = [{document_of(name) for name in part.names} for part in (pools.train, pools.validation)]
    assert all(parts)
    assert parts[0].isdisjoint(parts[1])
    assert sorted([*pools.train.names, *pools.validation.names]) == sorted(PAGES)


def test_the_report_counts_and_names(signverod: Path, tmp_path: Path):
    (signverod / "images" / PAGES[3]).unlink()
    settings = clean(signverod, tmp_path / "cache", max_bad_fraction=0.2)
    folder = settings.shards_root()
    report = read_report(folder)
    assert (report["pages"], report["boxes"]) == (8, 11)
    assert report["boxes_of_class"] == {"signature": 8, "initials": 0, "redaction": 0, "date": 3}
    assert report["labelled"]["GSA"] == {
        "pages": 3, "documents": 2, "signature": 3, "initials": 0, "redaction": 0, "date": 3,
    }  # fmt: skip
    assert sum(counts["pages"] for part in report["used"].values() for counts in part.values()) == 7
    assert report["documents_on_both_sides"] == 0
    assert report["dropped"] == {"its picture is not there": [PAGES[3]]}
    assert report["duplicate_boxes"] == 3
    assert report["shipped_test_pages_also_trained_on"] == sorted([PAGES[1], PAGES[5]])
    text = "\n".join(f"{label} {line}" for label, line in settings.preparation_report())
    assert "of 2 test pages as shipped, 2 are also trained on" in text
    assert "documents in both splits: 0" in text
    assert str(folder / "report.txt") in text
    assert settings.load(Canvas((128, 96))).bad == [(f"1 page ({PAGES[3]})", "its picture is not there")]
    assert "left out 1: its picture is not there" in (folder / "report.txt").read_text()


def test_it_is_built_once_and_again_when_a_table_or_picture_changes(
    signverod: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings = clean(signverod, tmp_path / "cache")
    first = settings.shards_root()
    with monkeypatch.context() as patch:
        patch.setattr(labelled_shards, "write_shards", None)
        assert settings.shards_root() == first
    table = signverod / "test.csv"
    table.write_text(table.read_text().replace("0.5, 0.2]", "0.5, 0.1]"))
    second = settings.shards_root()
    write_pictures(signverod, PAGES[:4])
    assert len({first, second, settings.shards_root()}) == 3


def test_two_runs_and_two_places_see_the_same_data(signverod: Path, tmp_path: Path):
    there = tmp_path / "elsewhere"
    signverod_again = there / "data"
    write_tables(signverod_again, train=PAGES, test=(PAGES[1], PAGES[5]))
    write_pictures(signverod_again)
    one = clean(signverod, tmp_path / "cache").load(Canvas((128, 96)))
    other = clean(signverod_again, there / "cache").load(Canvas((64, 64)))
    assert one.source == other.source
    assert one.source.files == 2
    assert one.fingerprint != other.fingerprint


def test_too_many_bad_pages_are_refused_and_some_allowed(signverod: Path, tmp_path: Path):
    (signverod / "images" / PAGES[0]).write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"1 of 8 pages cannot be used \(12\.5%, allowed 5\.0%\): nist_r0001_01\.png"):
        clean(signverod, tmp_path / "cache").shards_root()
    assert clean(signverod, tmp_path / "cache", max_bad_fraction=0.2).shards_root()


def test_missing_pictures_count_as_bad_unless_the_dataset_is_a_sample(signverod: Path, tmp_path: Path):
    for name in PAGES[:2]:
        (signverod / "images" / name).unlink()
    with pytest.raises(UserError, match=r"2 of 8 pages cannot be used \(25\.0%, allowed 5\.0%\): nist_r0001_01\.png"):
        clean(signverod, tmp_path / "cache").shards_root()
    (signverod / "tfrecords").mkdir()
    write_records(signverod / "tfrecords/train-00000-of-00001.tfrecord", [b"one page"] * 6)
    assert clean(signverod, tmp_path / "cache").shards_root()
    (signverod / "images" / PAGES[2]).unlink()
    with pytest.raises(UserError, match=r"1 of 6 pages cannot be used \(16\.7%, allowed 5\.0%\)"):
        clean(signverod, tmp_path / "cache").shards_root()


def test_without_a_single_picture_nothing_is_made(tmp_path: Path):
    write_tables(tmp_path / "raw", train=PAGES, test=PAGES)
    with pytest.raises(UserError, match=r"none of 8 pages can be used; nist_r0001_01\.png: its picture is not there"):
        clean(tmp_path / "raw", tmp_path / "cache").shards_root()
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".lock"]


@pytest.mark.skipif(not REAL_SIGNVEROD.exists(), reason="no real SignverOD pages beside the repository")
def test_the_real_pages_are_split(tmp_path: Path):
    report = read_report(clean(REAL_SIGNVEROD, tmp_path).shards_root())
    assert (report["pages"], report["boxes"]) == (2765, 8022)
    assert report["boxes_of_class"] == {"signature": 4551, "initials": 989, "redaction": 1912, "date": 570}
    assert (report["shipped_test_pages"], len(report["shipped_test_pages_also_trained_on"])) == (520, 320)
    used = {part: counts["Tobacco800"] for part, counts in report["used"].items()}
    assert used["train"]["pages"] + used["validation"]["pages"] == 250
    assert used["validation"]["pages"] / 250 == pytest.approx(0.19, abs=0.01)
    assert report["documents_on_both_sides"] == 0
    assert json.dumps(report)
