from pathlib import Path

import pytest

from data.errors import UserError
from data.pictures.image_folder import IMAGE_SUFFIXES
from engine.modes.input_files import find_files


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
