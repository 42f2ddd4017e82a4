"""Datasets in local folders and zip files, wherever a user may have put them."""

import os
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from data.errors import UserError
from data.fetching import acquisition
from data.fetching.acquisition import CEDAR, locate, obtain, SIGNVEROD

FILES = {
    SIGNVEROD: ("tfrecords/train-0", "tfrecords/eval-0", "images/a.png"),
    CEDAR: ("signatures/full_org/original_1_1.png", "signatures/full_forg/forgeries_1_1.png"),
}


@pytest.fixture(autouse=True)
def no_kaggle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acquisition, "kaggle_download", None)


def make_zip(path: Path, dataset=SIGNVEROD, prefix: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as zipped:
        for name in FILES[dataset]:
            zipped.writestr(prefix + name, name)
    return path


@pytest.mark.parametrize("dataset", FILES, ids=lambda dataset: dataset.title)
@pytest.mark.parametrize("deeper", ["", "archive", "archive/SignverOD"])
def test_a_folder_is_recognised_up_to_two_levels_deeper(tmp_path: Path, dataset, deeper: str):
    for name in FILES[dataset]:
        (tmp_path / "raw" / deeper / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "raw" / deeper / name).touch()
    assert obtain(dataset, tmp_path / "raw", may_download=False) == tmp_path / "raw" / deeper
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def test_the_four_tables_alone_are_signverod_too(tmp_path: Path):
    for name in ("image_ids.csv", "train.csv", "test.csv"):
        (tmp_path / name).touch()
    assert locate(SIGNVEROD, tmp_path) is None
    (tmp_path / "categories.csv").touch()
    assert locate(SIGNVEROD, tmp_path) == tmp_path


@pytest.mark.parametrize("prefix", ["", "signverod/"])
@pytest.mark.parametrize("place", ["raw.zip", "archive.zip", "raw/archive.zip", "raw/signverod.zip"])
def test_a_zip_is_unpacked_and_stays(tmp_path: Path, place: str, prefix: str):
    archive = make_zip(tmp_path / place, prefix=prefix)
    folder = obtain(SIGNVEROD, tmp_path / "raw", may_download=False)
    assert folder.is_relative_to(tmp_path / "raw")
    assert (folder / "tfrecords" / "train-0").read_text() == "tfrecords/train-0"
    assert archive.is_file()
    assert obtain(SIGNVEROD, tmp_path / "raw", may_download=False) == folder


def test_a_downloaded_zip_stays_when_the_disk_is_too_full_to_unpack_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fetch(dataset: str, target: Path, *others) -> None:
        make_zip(target)

    def fill_up(archive: Path, target: Path, *others) -> None:
        raise UserError(str(target), "the disk is full; nothing was kept")

    monkeypatch.setattr(acquisition, "kaggle_download", SimpleNamespace(download=fetch))
    with monkeypatch.context() as full:
        full.setattr(acquisition, "unpack", fill_up)
        with pytest.raises(UserError, match="the disk is full"):
            obtain(SIGNVEROD, tmp_path / "raw", may_download=True)
    monkeypatch.setattr(acquisition, "kaggle_download", None)  # so that it is not downloaded again
    folder = obtain(SIGNVEROD, tmp_path / "raw", may_download=True)
    assert (folder / "tfrecords" / "train-0").is_file()


def test_the_root_may_be_the_zip(tmp_path: Path):
    archive = make_zip(tmp_path / "download.zip")
    assert obtain(SIGNVEROD, archive, may_download=False) == tmp_path / "download"
    assert obtain(SIGNVEROD, archive, may_download=False) == tmp_path / "download"


def test_a_zip_of_another_dataset_beside_it_is_ignored(tmp_path: Path):
    make_zip(tmp_path / "archive.zip", CEDAR)
    (tmp_path / "broken.zip").write_bytes(b"no zip")
    with pytest.raises(UserError, match="no SignverOD shards in"):
        obtain(SIGNVEROD, tmp_path / "raw", may_download=False)
    make_zip(tmp_path / "archive (1).zip")
    assert obtain(SIGNVEROD, tmp_path / "raw", may_download=False) == tmp_path / "raw"


@pytest.mark.parametrize("place", ["raw.zip", "raw/archive.zip"])
def test_a_zip_in_its_place_that_holds_something_else_is_refused(tmp_path: Path, place: str):
    archive = make_zip(tmp_path / place, CEDAR)
    with pytest.raises(UserError, match="holds no SignverOD") as refusal:
        obtain(SIGNVEROD, tmp_path / "raw", may_download=True)
    assert refusal.value.what == str(archive)
    archive.write_bytes(archive.read_bytes()[:-10])
    with pytest.raises(UserError, match="is no zip file, or a cut or damaged one"):
        obtain(SIGNVEROD, tmp_path / "raw", may_download=True)


def test_a_damaged_zip_leaves_nothing(tmp_path: Path):
    archive = make_zip(tmp_path / "raw.zip")
    content = bytearray(archive.read_bytes())
    content[45] ^= 1
    archive.write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        obtain(SIGNVEROD, tmp_path / "raw", may_download=False)
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".lock") == ["raw.zip"]


def test_a_file_of_the_users_is_kept(tmp_path: Path):
    make_zip(tmp_path / "raw" / "archive.zip")
    (tmp_path / "raw" / "notes.txt").write_text("mine")
    assert obtain(SIGNVEROD, tmp_path / "raw", may_download=False) == tmp_path / "raw" / "signverod"
    assert (tmp_path / "raw" / "notes.txt").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path):
    make_zip(tmp_path / "raw.zip")
    tmp_path.chmod(0o555)
    with pytest.raises(UserError, match="cannot be written"):
        obtain(SIGNVEROD, tmp_path / "raw", may_download=False)


@pytest.mark.parametrize("root", [".", "..", "raw/.."])
def test_the_current_folder_may_be_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str):
    (tmp_path / "raw" / "inner").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "raw" / "inner" if root == ".." else tmp_path)
    with pytest.raises(UserError, match="no SignverOD shards in"):
        obtain(SIGNVEROD, Path(root), may_download=False)
    make_zip(Path(root).resolve() / "archive.zip")
    assert (obtain(SIGNVEROD, Path(root), may_download=False) / "tfrecords" / "train-0").is_file()


def test_a_missing_dataset_leaves_no_folder(tmp_path: Path):
    with pytest.raises(UserError) as refusal:
        obtain(CEDAR, tmp_path / "deep" / "raw", may_download=False)
    assert refusal.value.what == "dataset.root"
    assert list(tmp_path.iterdir()) == []
