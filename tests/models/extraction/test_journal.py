"""Which files count as done."""

import os
from pathlib import Path

import pytest

from data.errors import UserError
from data.own_folders import is_extraction, JOURNAL
from models.extraction.journal import Identity, Journal


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    (tmp_path / "scan.png").write_bytes(b"pixels")
    return tmp_path / "scan.png"


def recorded(folder: Path, scan: Path, **content) -> None:
    journal = Journal(folder, scan)
    journal.record("scan.png", Identity.of(scan, with_content=True), "options", **{"outputs": [], **content})
    journal.close()


def is_done(folder: Path, scan: Path, options: str = "options") -> bool:
    journal = Journal(folder, scan)
    try:
        return journal.is_done("scan.png", scan, options)
    finally:
        journal.close()


def test_an_unchanged_file_is_done(tmp_path: Path, scan: Path):
    assert not is_done(tmp_path / "out", scan)
    recorded(tmp_path / "out", scan)
    assert is_done(tmp_path / "out", scan)
    assert is_extraction(tmp_path / "out")


def test_other_options_are_not_done(tmp_path: Path, scan: Path):
    recorded(tmp_path / "out", scan)
    assert not is_done(tmp_path / "out", scan, "other options")


def test_a_copy_of_another_time_is_done_and_other_content_is_not(tmp_path: Path, scan: Path):
    recorded(tmp_path / "out", scan)
    os.utime(scan, (1, 1))
    assert is_done(tmp_path / "out", scan)
    scan.write_bytes(b"PIXELS")
    assert not is_done(tmp_path / "out", scan)


def test_a_lost_picture_is_not_done(tmp_path: Path, scan: Path):
    recorded(tmp_path / "out", scan, outputs=["a.png"])
    assert not is_done(tmp_path / "out", scan)
    (tmp_path / "out" / "a.png").write_bytes(b"")
    assert is_done(tmp_path / "out", scan)


def test_a_file_that_could_not_be_read_is_not_done(tmp_path: Path, scan: Path):
    recorded(tmp_path / "out", scan, reason="it is no picture")
    assert not is_done(tmp_path / "out", scan)
    journal = Journal(tmp_path / "out", scan)
    assert journal.was_bad("scan.png", scan)
    scan.write_bytes(b"a picture now")
    assert not journal.was_bad("scan.png", scan)
    journal.close()


def test_a_line_that_was_cut_is_not_done(tmp_path: Path, scan: Path):
    recorded(tmp_path / "out", scan)
    file = tmp_path / "out" / JOURNAL
    file.write_bytes(file.read_bytes()[:-9])
    assert not is_done(tmp_path / "out", scan)
    recorded(tmp_path / "out", scan)
    assert is_done(tmp_path / "out", scan)


def test_one_process_at_a_time(tmp_path: Path, scan: Path):
    journal = Journal(tmp_path / "out", scan)
    with pytest.raises(UserError, match="another process"):
        Journal(tmp_path / "out", scan)
    journal.close()
    Journal(tmp_path / "out", scan).close()


def test_results_of_another_source_are_left_alone(tmp_path: Path, scan: Path):
    recorded(tmp_path / "out", scan)
    with pytest.raises(UserError, match=r"holds what was extracted from .*scan\.png"):
        Journal(tmp_path / "out", tmp_path)


def test_a_journal_of_somebody_else_is_left_alone(tmp_path: Path, scan: Path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / JOURNAL).write_text("mine\n")
    with pytest.raises(UserError, match="did not write it"):
        Journal(tmp_path / "out", scan)
    assert (tmp_path / "out" / JOURNAL).read_text() == "mine\n"
    assert not is_extraction(tmp_path / "out")
