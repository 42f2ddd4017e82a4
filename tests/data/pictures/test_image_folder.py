"""Folders of pictures: files that are read, links, and files that are reported as not read."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.own_files import MARK, save_picture
from data.pictures.document_pages import read_page
from data.pictures.image_folder import ImageFolder
from data.pictures.left_out import describe_left_out, printable

PICTURE = np.full((20, 30), 255, np.uint8)


def save(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(PICTURE).save(path, "PNG")
    return path


def names(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in ImageFolder(folder).pictures]


@pytest.mark.parametrize("suffix", [".png", ".JPG", ".jfif", ".JPE", ".tiff", ".jp2", ".avif", ".HEIC", ".ppm", ".dib"])
def test_pictures_are_known_by_their_suffix(tmp_path: Path, suffix: str):
    save(tmp_path / f"scan{suffix}")
    assert names(tmp_path) == [f"scan{suffix}"]
    assert ImageFolder(tmp_path).left_out() == ""


def test_results_of_the_program_are_no_part_of_it(tmp_path: Path):
    for name in ("a.png", "outputs/run/samples.png", "outputs/mine/pages/a.png", "other/run.json.png"):
        save(tmp_path / name)
    save_picture(tmp_path / "outputs/inspect_pages.png", Image.fromarray(PICTURE))
    (tmp_path / "outputs/run/run.json").write_text('{"settings": {}, "overrides": []}')
    (tmp_path / "outputs/mine/.extract.jsonl").write_text(f'{{"written_by": "{MARK}"}}\n')
    assert names(tmp_path) == ["a.png", "other/run.json.png"]
    (tmp_path / "data/cache").mkdir(parents=True)
    save(tmp_path / f"data/cache/{'0a' * 10}/page.png")
    (tmp_path / f"data/cache/{'0a' * 10}.lock").touch()
    assert ImageFolder(tmp_path).left_out() == "3 folders that this program made: cache, mine, run"
    assert names(tmp_path / "outputs/mine") == ["pages/a.png"]


@pytest.mark.parametrize(
    ("mark", "content"),
    [("run.json", '{"settings": {}, "overrides": []}'), (".extract.jsonl", f'{{"written_by": "{MARK}"}}\n')],
)
def test_scans_in_a_folder_that_the_program_wrote_into_stay_part_of_it(tmp_path: Path, mark: str, content: str):
    save(tmp_path / "mine/scan.png")
    (tmp_path / "mine" / mark).write_text(content)
    assert names(tmp_path) == ["mine/scan.png"]
    assert ImageFolder(tmp_path).left_out() == ""


def test_a_run_json_of_a_user_makes_no_folder_one_of_the_program(tmp_path: Path):
    save(tmp_path / "day/a.png")
    (tmp_path / "day/run.json").write_text('{"settings": 1}')
    assert names(tmp_path) == ["day/a.png"]


def test_hidden_files_and_folders_are_no_part_of_it(tmp_path: Path):
    for name in (".hidden.png", ".git/a.png", ".ipynb_checkpoints/b.png", "seen.png"):
        save(tmp_path / name)
    assert names(tmp_path) == ["seen.png"]
    assert ImageFolder(tmp_path).left_out() == ""


def test_a_hidden_folder_above_the_root_does_not_hide_it(tmp_path: Path):
    save(tmp_path / ".cache/pages/a.png")
    assert names(tmp_path / ".cache/pages") == ["a.png"]


def test_links_are_followed_each_folder_once(tmp_path: Path):
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    save(root / "b/one.png")
    save(elsewhere / "inner/two.png")
    (root / "a").symlink_to(root / "b")  # already there
    (root / "c").symlink_to(elsewhere)
    (elsewhere / "again").symlink_to(root)  # a circle
    (elsewhere / "itself").symlink_to(elsewhere)
    (root / "file.png").symlink_to(elsewhere / "inner/two.png")
    assert names(root) == ["b/one.png", "c/inner/two.png", "file.png"]


def test_the_root_may_be_a_link(tmp_path: Path):
    save(tmp_path / "real/a.png")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert names(tmp_path / "link") == ["a.png"]


def test_what_is_not_read_is_counted_and_named(tmp_path: Path):
    save(tmp_path / "a.png")
    for name in ("b.docx", "c.DOCX", "sub/d.mov", "scan", "labels.txt", "data.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    assert names(tmp_path) == ["a.png"]
    assert ImageFolder(tmp_path).left_out() == (
        "6 files that are no pictures: 2 .docx (b.docx, c.DOCX), 2 .png (gone.png, pipe.png), 1 .mov (d.mov), "
        "1 without a suffix (scan)"
    )


def test_many_are_named_in_one_short_line():
    text = describe_left_out([Path(f"{number}.x{number % 9}") for number in range(90)])
    assert text.startswith("90 files that are no pictures: 10 .x0 (0.x0, 9.x0, 18.x0, ...), ")
    assert text.endswith(", 30 others")
    assert describe_left_out([Path("a.mov")]) == "1 file that is no picture: 1 .mov (a.mov)"
    assert describe_left_out([]) == ""


def test_a_folder_that_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    save(tmp_path / "a.png")
    (tmp_path / "private").mkdir()
    scandir = os.scandir

    def refusing(path):
        if Path(path).name == "private":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert ImageFolder(tmp_path).left_out() == "1 folder that cannot be opened: private"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Müller 1.png", "Müller 1.png"), ("two\nlines.png", "two\\nlines.png"), ("\udce4.png", "\\udce4.png")],
)
def test_names_are_shown_on_one_line(name: str, shown: str):
    assert printable(name) == shown
    assert printable(name).encode()


def test_names_of_any_bytes_are_read(tmp_path: Path):
    for name in (b"M\xfcller.png", "Jürgen.png".encode(), b"two\nlines.png"):
        save(Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)))
    assert [read_page(path).shape for path in ImageFolder(tmp_path).pictures] == [(20, 30)] * 3
