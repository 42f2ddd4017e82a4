"""The pictures that names in labels mean."""

import unicodedata
from pathlib import Path

import pytest

from data.labels.picture_names import NO_PICTURE, PictureNames

NAMES = (
    "scan.PNG",
    "images/Vertrag März 1.png",
    "images/90fbb0c0-a.png",
    "images/plain.png",
    "batch1/page.png",
    "batch2/page.png",
    "train/one.png",
    "val/one.png",
    "100% done?.png",
)


@pytest.fixture
def names(tmp_path: Path) -> PictureNames:
    paths = [tmp_path / name for name in NAMES]
    return PictureNames(tmp_path, paths)


def found(names: PictureNames, name: str, labels: str = "labels.json") -> str:
    picture, reason = names.find(name, names.root / labels)
    return picture.relative_to(names.root).as_posix() if picture else reason


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("scan.PNG", "scan.PNG"),
        ("SCAN.png", "scan.PNG"),
        ("./images/plain.png", "images/plain.png"),
        ("labels/../images/plain.png", "images/plain.png"),
        ("images\\plain.png", "images/plain.png"),
        ("IMAGES/Plain.PNG", "images/plain.png"),
        ("plain.png", "images/plain.png"),
        ("images/Vertrag%20M%C3%A4rz%201.png", "images/Vertrag März 1.png"),
        (unicodedata.normalize("NFD", "Vertrag März 1.png"), "images/Vertrag März 1.png"),
        ("/data/local-files/?d=images/plain.png", "images/plain.png"),
        ("/data/local-files/?d=my%2Fimages%2Fplain.png", "images/plain.png"),
        ("/data/upload/1/90fbb0c0-a.png", "images/90fbb0c0-a.png"),
        ("/data/upload/1/12345678-plain.png", "images/plain.png"),
        ("C:\\Users\\ada\\scans\\plain.png", "images/plain.png"),
        ("C:\\Users\\ada\\batch2\\page.png", "batch2/page.png"),
        ("file:///C:/Users/ada/plain.png", "images/plain.png"),
        ("file:///home/ada/batch1/page.png", "batch1/page.png"),
        ("s3://bucket/folder/plain.png", "images/plain.png"),
        ("https://host.example/images/plain.png?X-Amz-Signature=1#page", "images/plain.png"),
        ("AmlDatastore://store/batch1/page.png", "batch1/page.png"),
        ("100% done?.png", "100% done?.png"),
        ("images/plain", "images/plain.png"),
        ("scans/plain.jpg", "images/plain.png"),
        ("scans/page.jpg", NO_PICTURE),
        ("plain.pdf", NO_PICTURE),
        ("gone.png", NO_PICTURE),
        ("", NO_PICTURE),
        ("..", NO_PICTURE),
        ("../../etc/passwd", NO_PICTURE),
        ("page.png", "its picture is there several times (batch1/page.png, batch2/page.png)"),
    ],
)
def test_names_of_every_kind(names: PictureNames, name: str, picture: str):
    assert found(names, name) == picture


@pytest.mark.parametrize(
    ("labels", "picture"),
    [
        ("val/labels.json", "val/one.png"),
        ("annotations/instances_train.json", "train/one.png"),
        ("annotations/labels.json", "its picture is there several times (train/one.png, val/one.png)"),
    ],
)
def test_labels_mean_the_picture_near_them(names: PictureNames, labels: str, picture: str):
    assert found(names, "one.png", labels) == picture


def test_labels_of_two_tasks_side_by_side_mean_their_own_pictures(names: PictureNames):
    assert found(names, "page.png", "batch2/annotations/instances_default.json") == "batch2/page.png"


def test_names_that_differ_in_case_alone_are_two_pictures(tmp_path: Path):
    names = PictureNames(tmp_path, [tmp_path / "A.png", tmp_path / "a.png"])
    assert found(names, "a.png") == "a.png"
    assert found(names, "A.PNG").startswith("its picture is there several times")


@pytest.mark.parametrize("root", [".", "sub/../sub", ".."])
def test_a_root_may_be_relative(root: str):
    path = Path(root)
    names = PictureNames(path, [path / "images" / "a.png"])
    assert names.find("../images/a.png", path / "labels" / "l.json") == (path / "images" / "a.png", "")
