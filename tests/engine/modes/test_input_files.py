import os
from pathlib import Path

import pytest

from data.errors import UserError
from data.pictures.image_folder import IMAGE_SUFFIXES
from engine.modes.input_files import check_input, find_files, left_out


def test_a_file_is_taken_whatever_its_name_and_a_folder_by_suffix(tmp_path: Path):
    for name in ("b.PNG", "a.jpg", "notes.txt"):
        (tmp_path / name).touch()
    assert find_files(tmp_path / "notes.txt", IMAGE_SUFFIXES) == [tmp_path / "notes.txt"]
    assert [file.name for file in find_files(tmp_path, IMAGE_SUFFIXES)] == ["a.jpg", "b.PNG"]


def test_nothing_to_use_is_said(tmp_path: Path):
    with pytest.raises(UserError, match="no image in"):
        find_files(tmp_path, IMAGE_SUFFIXES)
    with pytest.raises(UserError, match="does not exist"):
        find_files(tmp_path / "nothing.png", IMAGE_SUFFIXES)


def test_pipes_and_folders_with_names_of_pictures_are_left_out(tmp_path: Path):
    """Reading a pipe would wait for ever."""
    (tmp_path / "a.png").touch()
    (tmp_path / "gone.png").symlink_to(tmp_path / "nothing")
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    assert [file.name for file in find_files(tmp_path, IMAGE_SUFFIXES)] == ["a.png", "gone.png"]
    said = left_out(tmp_path, IMAGE_SUFFIXES)
    assert "1 .png (pipe.png)" in said
    assert "1 folder, whose files are not used" in said
    with pytest.raises(UserError, match=r"pipe\.png is a pipe or a device, where a file or a folder is needed"):
        check_input("extract.input", tmp_path / "pipe.png")
