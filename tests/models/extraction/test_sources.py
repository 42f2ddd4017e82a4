"""Which files are extracted from, and the names of their results."""

import os
from pathlib import Path

import pytest

from models.extraction.journal import Journal
from models.extraction.sources import find_sources, name_sources


def made(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_folders_in_folders_are_searched_and_others_named(tmp_path: Path):
    made(tmp_path, "b.PDF", "a.png", "sub/c.tiff", "notes.docx", ".hidden.png")
    files, others = find_sources(tmp_path, tmp_path / "out")
    assert [file.relative_to(tmp_path).as_posix() for file in files] == ["a.png", "b.PDF", "sub/c.tiff"]
    assert "notes.docx" in others


def test_pipes_are_left_out_and_broken_links_are_reported_by_their_reader(tmp_path: Path):
    made(tmp_path, "a.png")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "gone.pdf").symlink_to(tmp_path / "nothing")
    files, others = find_sources(tmp_path, tmp_path / "out")
    assert [file.name for file in files] == ["a.png", "gone.pdf"]
    assert "pipe.png" in others


def test_results_are_no_sources(tmp_path: Path):
    made(tmp_path, "a.png", "out/signatures/a_page1_signature1.png", "out/pages/a_page1.png")
    files, others = find_sources(tmp_path, tmp_path / "out")
    assert files == [tmp_path / "a.png"]
    assert others == ""


def test_other_results_of_the_program_are_no_sources(tmp_path: Path):
    made(tmp_path, "a.png", "old/pages/a_page1.png", "of mine/old/b.png")
    Journal(tmp_path / "old", tmp_path / "a.png").close()
    files, others = find_sources(tmp_path, tmp_path / "out")
    assert [file.relative_to(tmp_path).as_posix() for file in files] == ["a.png", "of mine/old/b.png"]
    assert others == "1 folder that this program made: old"
    inside, _ = find_sources(tmp_path / "old", tmp_path / "out")
    assert inside == [tmp_path / "old/pages/a_page1.png"]


def test_a_single_file_may_have_any_name(tmp_path: Path):
    made(tmp_path, "scan")
    files, _ = find_sources(tmp_path / "scan", tmp_path / "out")
    (source,) = name_sources(files, tmp_path / "scan", {})
    assert (source.name, source.stem) == ("scan", "scan")


def test_no_two_files_share_a_name(tmp_path: Path):
    names = [
        "a.png",
        "a.pdf",
        "a_pdf.png",
        "sub/a.png",
        "sub_a.png",
        "ö b(1).png",
        "x" * 200 + ".png",
        "line\nbreak.png",
    ]
    made(tmp_path, *names)
    files, _ = find_sources(tmp_path, tmp_path / "out")
    stems = [source.stem for source in name_sources(files, tmp_path, {})]
    assert len(set(stems)) == len(names)
    assert all(len(stem.encode()) <= 130 and "/" not in stem and "\n" not in stem for stem in stems)
    assert "ö b(1)" in stems


def test_names_of_what_is_done_stay(tmp_path: Path):
    made(tmp_path, "a.png")
    files, _ = find_sources(tmp_path, tmp_path / "out")
    (first,) = name_sources(files, tmp_path, {})
    made(tmp_path, "a.pdf")
    files, _ = find_sources(tmp_path, tmp_path / "out")
    stems = {source.name: source.stem for source in name_sources(files, tmp_path, {"a.png": first.stem})}
    assert stems["a.png"] == "a"
    assert stems["a.pdf"] == "a_pdf"


@pytest.mark.parametrize("name", ["..png", "...", ".png"])
def test_names_that_are_all_dots_become_names(tmp_path: Path, name: str):
    made(tmp_path, name)
    (source,) = name_sources([tmp_path / name], tmp_path / name, {})
    assert source.stem
    assert not source.stem.startswith(".")


def test_results_in_a_folder_above_or_below_the_scans_are_no_sources(tmp_path: Path):
    scans = tmp_path / "scans"
    (scans / "results/pages").mkdir(parents=True)
    for name in ("a.png", "results/pages/a.png"):
        (scans / name).touch()
    for output, expected in (("scans/results", ["a.png"]), (".", ["a.png", "results/pages/a.png"])):
        files, _ = find_sources(scans, tmp_path / output)
        assert [file.relative_to(scans).as_posix() for file in files] == expected
