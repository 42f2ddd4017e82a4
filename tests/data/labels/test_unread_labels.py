"""Pictures with boxes in a file of a format that is not read do not become empty pages."""

import json
from pathlib import Path
from typing import Any

import pytest
from labelling import BOX, own_pages, picture, read, refusal, voc, yolo_pages

from data.labels.page_building import UNREAD

SHAPE = {"label": "signature", "points": [[20, 15], [30, 30]]}
TABLE = "filename;xmin;ymin;xmax;ymax;class\nmore.png;20;15;30;30;signature\n"


@pytest.mark.fault(
    "boxes of some pictures in another format than that of the others", "named; no page becomes one with nothing on it"
)
@pytest.mark.parametrize("unlabelled", ["skip", "empty"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("more.json", {"shapes": [SHAPE], "imagePath": "more.png"}),
        ("ann/more.png.json", {"objects": [{"classTitle": "signature"}], "size": {}}),
        ("boxes.csv", TABLE),
        ("boxes.tsv", TABLE.replace(";", "\t")),
    ],
)
def test_boxes_in_another_format(tmp_path: Path, name: str, content: Any, unlabelled: str):
    yolo_pages(tmp_path, "0 0.625 0.375 0.25 0.25")
    picture(tmp_path / "more.png", 9)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content))
    found = read(tmp_path, "yolo", unlabelled=unlabelled)
    assert found.boxes == {"doc0.png": [BOX]}
    assert dict(found.dataset.dropped) == {f"more.png, {name}": UNREAD}


@pytest.mark.parametrize(("labels", "left"), [("yolo", "doc1.xml"), ("voc", "doc0.txt")])
def test_the_format_that_was_not_chosen(tmp_path: Path, labels: str, left: str):
    yolo_pages(tmp_path, "0 0.625 0.375 0.25 0.25")
    picture(tmp_path / "doc1.png", 9)
    voc(tmp_path / "doc1.xml", ("signature", 20, 15, 30, 30))
    found = read(tmp_path, labels, unlabelled="empty")
    assert list(found.boxes.values()) == [[BOX]]
    assert dict(found.dataset.dropped) == {f"{Path(left).stem}.png, {left}": UNREAD}


def test_files_without_boxes_are_no_labels(tmp_path: Path):
    yolo_pages(tmp_path, "0 0.625 0.375 0.25 0.25")
    picture(tmp_path / "more.png", 9)
    (tmp_path / "more.json").write_text(json.dumps({"shapes": [], "imagePath": "more.png"}))
    voc(tmp_path / "more.xml")
    (tmp_path / "sizes.csv").write_text("picture,width,height\nmore.png,40,60\n")
    found = read(tmp_path, "yolo", unlabelled="empty")
    assert found.boxes == {"doc0.png": [BOX], "more.png": []}


def test_a_corrected_dataset_is_read_again(tmp_path: Path):
    root = yolo_pages(tmp_path / "own", *["0 0.625 0.375 0.25 0.25"] * 4)
    picture(root / "more.png", 9)
    voc(root / "more.xml", ("signature", 20, 15, 30, 30))
    assert f"more.png, more.xml: {UNREAD}" in refusal(root, "yolo")
    (root / "more.xml").unlink()
    assert own_pages(root, labels="yolo").shards_root()
