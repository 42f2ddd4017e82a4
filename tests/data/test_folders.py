"""A dataset's folder, and files below it."""

import shlex
import subprocess
import zipfile
from pathlib import Path

import pytest

from data.cache import load_or_build
from data.errors import UserError
from data.folders import check_folder, files_below


def test_hidden_files_are_passed_over_and_links_followed_once(tmp_path: Path):
    for name in ("a.TXT", "b/c.txt", ".git/d.txt", "b/.e.txt", ".ipynb_checkpoints/f.txt", "g.json"):
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text("")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "h.txt").write_text("")
    (tmp_path / "root" / "link").symlink_to(tmp_path / "other")
    (tmp_path / "root" / "b" / "loop").symlink_to(tmp_path / "root")
    found = [path.relative_to(tmp_path / "root").as_posix() for path in files_below(tmp_path / "root", ".txt")]
    assert found == ["a.TXT", "b/c.txt", "link/h.txt"]


@pytest.mark.fault("dataset.root is a zip, a label file or a picture", "one line that says so, with a command to go on")
def test_a_file_in_place_of_a_folder(tmp_path: Path):
    archive = tmp_path / "my scans.zip"
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("a.txt", "")
    with pytest.raises(UserError, match=r"my scans\.zip is a file, not a folder") as refused:
        check_folder(archive, "pages")
    unpack = refused.value.remedies[0].partition(":  ")[2]
    subprocess.run(shlex.split(unpack), check=True)
    check_folder(tmp_path / "my scans", "pages")
    with pytest.raises(UserError) as refused:
        check_folder(archive, "pages")
    assert refused.value.remedies == (f"give the folder that your pages lie in:  dataset.root={tmp_path}",)


def test_a_folder_that_is_not_there(tmp_path: Path):
    with pytest.raises(UserError, match="there is no folder"):
        check_folder(tmp_path / "nowhere", "pages")


def test_the_cache_of_an_earlier_run_in_the_folder_is_no_part_of_it(tmp_path: Path):
    entry = tmp_path / "data" / "cache" / "0123456789abcdef0123"
    load_or_build(entry.parent, entry.name, lambda folder: (folder / "train-00000-of-00001.tfrecord").touch())
    (tmp_path / "mine.tfrecord").touch()
    assert (entry / "train-00000-of-00001.tfrecord").exists()
    assert files_below(tmp_path, ".tfrecord") == [tmp_path / "mine.tfrecord"]
    (entry.parent / "mine.tfrecord").touch()  # a folder with files of the user is one of the user
    assert entry.parent / "mine.tfrecord" in files_below(tmp_path, ".tfrecord")
