"""Labels that contradict each other are refused by name; other files are ignored."""

import json
from pathlib import Path
from typing import Any

import pytest
from labelling import (
    BOX,
    coco,
    coco_pages,
    LINE,
    own_pages,
    picture,
    PIXELS,
    read,
    refusal,
    write_json,
    yolo,
    yolo_pages,
)
from PIL import Image

from data.errors import UserError
from data.labels.split_report import read_report
from data.own_files import MARK, save_picture
from data.splits.given_split import with_split

fault = pytest.mark.fault
READ = "read as it is meant"
NAMED = "named, with its number; no page becomes one with nothing on it"
REFUSED = "refused in one line that names both"


@fault("two lists of class names that differ", REFUSED)
@pytest.mark.parametrize(("name", "text"), [("b/classes.txt", "date\n"), ("data.yaml", "nc: 1\nnames: [date]")])
def test_two_lists_of_class_names(tmp_path: Path, name: str, text: str):
    yolo(tmp_path / "own", ["a/0.png", "b/1.png"])
    (tmp_path / "own" / "a" / "classes.txt").write_text("signature\n")
    (tmp_path / "own" / name).write_text(text)
    message = refusal(tmp_path / "own")
    assert "two lists of class names differ: class 0 is" in message
    assert "a/classes.txt" in message
    assert name in message
    (tmp_path / "own" / name).write_text(text.replace("date", "Signature"))
    assert len(read(tmp_path / "own", "yolo").pages) == 2


@fault("COCO: an id of an image or a category stands for two things", REFUSED)
@pytest.mark.parametrize("key", ["images", "categories"])
def test_repeated_ids(tmp_path: Path, key: str):
    content = coco_pages(tmp_path / "own")
    content[key][1]["id"] = content[key][0]["id"]
    write_json(tmp_path / "own" / "labels.json", content)
    named = {"images": "image id 0 stands for doc0.png and for doc1.png", "categories": "category id 3 stands for Sig"}
    assert named[key] in refusal(tmp_path / "own")


@fault("one label file for two pictures", REFUSED)
@pytest.mark.parametrize(
    ("pictures", "labels"),
    [
        (["scans/a.png", "originals/a.png"], "labels/a.txt"),
        (["a.png", "a.jpg"], "a.txt"),
        (["a.png", "A.png"], "a.txt"),
    ],
)
def test_one_label_file_for_two_pictures(tmp_path: Path, pictures: list[str], labels: str):
    for number, name in enumerate(pictures):
        picture(tmp_path / "own" / name, number)
    (tmp_path / "own" / labels).parent.mkdir(exist_ok=True)
    (tmp_path / "own" / labels).write_text(LINE)
    message = refusal(tmp_path / "own", classes=["0:signature"])
    assert f"{labels}: one label file for 2 pictures" in message
    assert all(name in message for name in pictures)


@fault("two label files of one picture that differ", REFUSED)
def test_two_label_files_of_one_picture(tmp_path: Path):
    yolo_pages(tmp_path / "own", LINE)
    (tmp_path / "own" / "DOC0.TXT").write_text(LINE + "\n\n")
    assert read(tmp_path / "own", "yolo").boxes == {"doc0.png": [BOX]}
    (tmp_path / "own" / "DOC0.TXT").write_text(LINE.replace("0.25", "0.2"))
    assert "2 label files that differ: DOC0.TXT and doc0.txt" in refusal(tmp_path / "own")


@fault("two exports of the same pictures side by side", REFUSED)
def test_two_exports(tmp_path: Path):
    content = coco_pages(tmp_path / "own")
    write_json(tmp_path / "own" / "result.json", content)
    write_json(tmp_path / "own" / "result_old.json", content | {"annotations": []})
    message = refusal(tmp_path / "own")
    assert "doc0.png is labelled in result.json and result_old.json, with other boxes, and 3 more pictures" in message
    write_json(tmp_path / "own" / "result_old.json", content)
    assert len(read(tmp_path / "own", "coco").dataset.pages) == 4


@fault("the same picture under two names, with other boxes", "both pages are left out and named")
def test_the_same_pixels_with_other_boxes(tmp_path: Path):
    root = tmp_path / "own"
    write_json(root / "labels.json", coco_pages(root, 40))
    for number in range(40):
        picture(root / f"doc{number}.png", number)
    (root / "doc1.png").write_bytes((root / "doc0.png").read_bytes())
    content = json.loads((root / "labels.json").read_text())
    del content["annotations"][1]
    write_json(root / "labels.json", content)
    report = read_report(own_pages(root).shards_root())
    assert report["dropped"] == {"the same picture with other boxes (doc0.png, doc1.png)": ["doc0.png", "doc1.png"]}


@fault("labels of two formats in one folder", "asks for `dataset.labels`")
def test_labels_of_two_formats(tmp_path: Path):
    root = tmp_path / "own"
    yolo_pages(root, LINE, LINE)
    coco(root / "labels.json", ["doc0.png"])
    with pytest.raises(UserError, match=r"labels of 2 formats .* COCO \(labels.json\) and YOLO \(doc0.txt") as error:
        own_pages(root).shards_root()
    remedies = [remedy.split(":  ")[1] for remedy in error.value.remedies]
    assert remedies == ["dataset.labels=coco", "dataset.labels=yolo"]
    assert len(read_report(own_pages(root, labels="yolo").shards_root())["used"]) == 2


def test_text_beside_the_pages_is_no_label(tmp_path: Path):
    content = coco_pages(tmp_path / "own")
    write_json(tmp_path / "own" / "labels.json", content)
    (tmp_path / "own" / "doc0.txt").write_text("Dear Sir,\nthe lease of 2 May 2001 is over.\n")
    assert read_report(own_pages(tmp_path / "own").shards_root())["boxes"] == 4


@fault("boxes that the program found itself, within the dataset", "passed over, with their pictures")
def test_own_predictions(tmp_path: Path):
    root = tmp_path / "own"
    yolo_pages(root, LINE, LINE)
    coco(root / "predictions" / "boxes.json", ["doc0.png", "doc1.png"], info={"description": MARK})
    save_picture(root / "predictions" / "doc0_found.png", Image.open(root / "doc0.png"))
    report = read_report(own_pages(root, unlabelled="empty").shards_root())
    assert (report["pages"], report["boxes"], report["dropped"], report["ignored"]) == (2, 2, {}, {})


@fault("labels in hidden folders, such as .git and .ipynb_checkpoints", "passed over")
def test_hidden_folders(tmp_path: Path):
    content = coco_pages(tmp_path)
    write_json(tmp_path / "labels.json", content)
    write_json(tmp_path / ".ipynb_checkpoints" / "labels-checkpoint.json", content | {"annotations": []})
    assert read(tmp_path, "coco").boxes["doc0.png"] == [BOX]


@fault("COCO: captions, keypoints, results and other JSON files beside the boxes", "passed over")
def test_other_json_files(tmp_path: Path):
    content = coco_pages(tmp_path)
    write_json(tmp_path / "instances.json", content)
    images = content["images"]
    write_json(
        tmp_path / "captions.json", {"images": images, "annotations": [{"id": 1, "image_id": 1, "caption": "x"}]}
    )
    points = [
        note | {"keypoints": [1, 2, 2], "num_keypoints": 1, "bbox": [1, 2, 3, 4]} for note in content["annotations"]
    ]
    write_json(tmp_path / "keypoints.json", content | {"annotations": points})
    write_json(tmp_path / "panoptic.json", {"images": images, "annotations": [{"image_id": 1, "segments_info": []}]})
    write_json(tmp_path / "results.json", [{"image_id": 1, "category_id": 3, "bbox": PIXELS, "score": 0.5}])
    write_json(tmp_path / "package.json", {"name": "x"})
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    assert read(tmp_path, "coco").boxes == {f"doc{number}.png": [BOX] for number in range(4)}


@fault("labels of a form that is not read", "the form is named, and what to export instead")
@pytest.mark.parametrize(
    ("content", "named"),
    [
        ([{"id": 1, "data": {"image": "a.png"}, "annotations": []}], "Label Studio's own JSON"),
        ([{"image": "a.png", "annotations": []}], "Create ML's JSON"),
        ({"shapes": [], "imagePath": "a.png"}, "LabelMe's JSON"),
        ({"size": {"height": 1, "width": 1}, "objects": []}, "Supervisely's JSON"),
        ({"a.png1234": {"filename": "a.png", "regions": []}}, "VIA's JSON"),
        ({"asset": {"name": "a.png"}, "regions": []}, "VoTT's JSON"),
    ],
)
def test_other_forms(tmp_path: Path, content: Any, named: str):
    picture(tmp_path / "own" / "a.png")
    write_json(tmp_path / "own" / "labels.json", content)
    assert f"labels.json is {named}" in refusal(tmp_path / "own")


def pages_of_parts(root: Path, **parts: list[int]) -> None:
    """Six pages, and COCO's labels of some of them for each part."""
    names = [f"images/doc{number}.png" for number in range(6)]
    for number, name in enumerate(names):
        picture(root / name, number)
    for part, numbers in parts.items():
        coco(root / f"annotations/instances_{part}.json", [names[number] for number in numbers])


@fault("labels of all pages beside those of each part", "the parts are kept")
@pytest.mark.parametrize("name", ["all", "trainval"])
def test_labels_of_all_pages_leave_the_parts_as_they_are(tmp_path: Path, name: str):
    pages_of_parts(tmp_path, train=[0, 1, 2, 3], val=[4, 5], **{name: [0, 1, 2, 3, 4, 5]})
    dataset = with_split(read(tmp_path, "coco").dataset, tmp_path, "auto", "auto")
    assert [page.split for page in sorted(dataset.pages, key=lambda page: page.name)] == ["train"] * 4 + [
        "validation"
    ] * 2


@fault("one page in the labels of two parts", "refused in one line that names it")
def test_a_page_in_the_labels_of_two_parts(tmp_path: Path):
    pages_of_parts(tmp_path, train=[0, 1, 2, 3, 4], val=[4, 5])
    dataset = read(tmp_path, "coco").dataset
    with pytest.raises(UserError, match=r"images/doc4.png \(train and validation\)"):
        with_split(dataset, tmp_path, "auto", "auto")
    assert {page.split for page in with_split(dataset, tmp_path, "documents", "auto").pages} == {""}


def test_the_same_labels_for_two_parts_are_no_split(tmp_path: Path):
    pages_of_parts(tmp_path, train=[0, 1, 2, 3], val=[0, 1, 2, 3], test=[4, 5])
    dataset = with_split(read(tmp_path, "coco").dataset, tmp_path, "auto", "auto")
    assert sorted(page.split for page in dataset.pages) == ["test"] * 2 + ["train"] * 4
    assert any("the same 4 pages for validation and train" in note for _, note in dataset.notes)
