"""Inputs beside the repository that earlier versions split wrongly; skipped if they are missing."""

from pathlib import Path

import pytest
from composing import dataset
from programs import REPOSITORY

from data.labels.split_report import read_report

CASES = REPOSITORY.parent / "shared" / "cases" / "data"

pytestmark = pytest.mark.skipif(not CASES.exists(), reason="no cases beside the repository")


@pytest.mark.parametrize(
    ("case", "train", "validation"),
    [
        ("stray-picture-undoes-split", 8, 4),
        ("split-by-list-files", 5, 5),
        ("roboflow-train-only-versions", 25, 5),
    ],
)
def test_splits_of_pages(tmp_path: Path, case: str, train: int, validation: int):
    own = dataset("detector", "pages", root=str(CASES / case), cache_dir=str(tmp_path))
    report = read_report(own.shards_root())
    used = {part: sum(source["pages"] for source in sources.values()) for part, sources in report["used"].items()}
    assert used == {"train": train, "validation": validation}
    assert report["documents_on_both_sides"] == 0


@pytest.mark.parametrize(
    ("case", "writers"),
    [
        ("sig-flat-nfi", 6),
        ("sig-hansig", 4),
        ("sig-kaggle-divyanshrai", 2),
        ("sig-one-writer-folders", 3),
        ("sig-sigcomp2011", 6),
    ],
)
def test_writers_of_signatures(case: str, writers: int):
    own = dataset("cleaner", "signatures", root=str(CASES / case), synthetic_writers=0)
    train, validation = ({source.writer for source in part} for part in own.sources())
    assert train.isdisjoint(validation)
    assert len(train | validation) == writers
    assert ("shared", "writers in several splits: 0") in own.split_lines()
