"""A user's pages with COCO's and YOLO's labels in the layouts that tools export."""

import json
from pathlib import Path

import numpy as np
import pytest
from labelling import BOX, coco, LINE, own_pages, picture, read, yolo

from data.commands import typed
from data.errors import UserError
from data.labels.class_names import labels_of_names
from data.labels.coco_files import find_coco_files
from data.labels.coco_labels import CROWD
from data.labels.split_report import read_report
from data.pages.canvas import Canvas
from data.splits.document_names import documents_of
from data.splits.path_names import split_of


def test_names_like_ours_need_no_explanation():
    names = ["Signature", "signatures", "INITIAL", "redactions", " date "]
    assert labels_of_names(names, []) == dict(zip(names, [1, 1, 2, 3, 4], strict=True))


def test_other_names_are_explained_or_left_out():
    labels = labels_of_names(
        ["Stamp", "sig", "date", "a:b"], ["stamp:none", "sig:signature", "date:initials", "a:b:date"]
    )
    assert labels == {"Stamp": None, "sig": 1, "date": 2, "a:b": 4}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], r"seal, sig: unknown classes .*"),
        (["sig:signature"], "seal: unknown class"),
        (["sig=signature"], "sig=signature is not <their name>:<signature"),
        (["sig:autograph"], "sig:autograph is not"),
    ],
)
def test_unknown_names_are_refused_with_an_example(given: list[str], expected: str):
    with pytest.raises(UserError, match=expected) as refusal:
        labels_of_names(["sig", "seal"], given)
    assert refusal.value.what == "dataset.classes"


def test_a_class_without_signatures_is_not_suggested_as_signature():
    with pytest.raises(UserError) as refusal:
        labels_of_names(["no_signature", "Unsigned", "sign"], [])
    assert "no_signature:none,sign:signature" in refusal.value.remedies[0]
    assert "Unsigned:none" in refusal.value.remedies[0]


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("train/images/a.png", "train"),
        ("images/val/a.png", "validation"),
        ("valid/_annotations.coco.json", "validation"),
        ("annotations/instances_test2017.json", "test"),
        ("training_1.json", "train"),
        ("images/trainer.png", ""),
        ("a.png", ""),
    ],
)
def test_paths_name_splits(path: str, split: str):
    assert split_of(Path(path)) == split


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("lease_page2.png", "lease"),
        ("a/lease-p03.png", "a/lease"),
        ("IMG_0001.png", "IMG_0001"),
        ("page1.png", "page1"),
        ("map4.png", "map4"),
    ],
)
def test_page_numbers_do_not_make_documents(name: str, document: str):
    assert documents_of([name]).documents == [document]


def test_coco_boxes_become_shares_of_the_page(tmp_path: Path):
    picture(tmp_path / "deep" / "pictures" / "a.png")
    file = coco(tmp_path / "labels.json", ["a.png", "missing.png"])
    (tmp_path / "package.json").write_text("[1, 2]")
    assert find_coco_files(tmp_path) == [file]
    found = read(tmp_path, "coco")
    (page,) = found.dataset.pages
    np.testing.assert_allclose(page.boxes, [BOX])
    assert (page.path, page.labels.tolist()) == (tmp_path / "deep" / "pictures" / "a.png", [1])
    assert found.dataset.dropped == [("missing.png", "its picture is not there")]


def test_coco_files_with_gaps_are_read_as_far_as_they_go(tmp_path: Path):
    for number, name in enumerate("abc"):
        picture(tmp_path / f"{name}.png", number)
    file = coco(tmp_path / "labels.json", ["a.png", "b.png", "c.png"])
    content = json.loads(file.read_text())
    del content["images"][0]["height"]
    content["annotations"][1]["category_id"] = 9
    content["annotations"][2] |= {"iscrowd": 1}
    content["annotations"] += [{"id": 7, "image_id": 0, "category_id": 3}, {"id": 8, "image_id": 77, "category_id": 3}]
    file.write_text(json.dumps(content))
    found = read(tmp_path, "coco", ["stamp:none"])
    assert found.boxes == {"a.png": [BOX], "b.png": []}
    assert dict(found.dataset.dropped) == {
        "labels.json annotation 7": "an annotation without a bbox of four numbers",
        "labels.json image 77": "annotations of an image that is not listed",
        "c.png, labels.json annotation 2": f"its labels are lost: {CROWD}",
    }
    assert dict(found.dataset.ignored) == {
        "labels.json annotation 1": "a box of class Stamp, which dataset.classes maps to none"
    }
    file.write_text(json.dumps(content | {"images": [{"id": 1}]}))
    with pytest.raises(UserError, match=r"labels\.json: not COCO's form"):
        read(tmp_path, "coco", ["stamp:none"])


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["a.png"], ""),
        (["images/a.png"], "labels"),
        (["train/images/a.png"], "labels"),
        (["images/train/a.png"], "labels"),
    ],
)
def test_yolo_labels_are_found_in_every_usual_place(tmp_path: Path, names: list[str], labels: str):
    yolo(tmp_path, names, labels=labels)
    (tmp_path / "classes.txt").write_text("signature\nstamp\n")
    (page,) = read(tmp_path, "yolo").dataset.pages
    np.testing.assert_allclose(page.boxes, [BOX])
    assert (page.name, page.labels.tolist()) == (names[0], [1])


@pytest.mark.parametrize("names", ["names: [stamp, date]", "names: {0: stamp, 1: date}"])
def test_yolo_names_scores_and_polygons(tmp_path: Path, names: str):
    (tmp_path / "data.yaml").write_text(f"path: .\n{names}\n")
    yolo(tmp_path, ["a.png"], "1 0.625 0.375 0.25 0.25 0.9\n0 0.5 0.5 0.1 0.1\n\n1 0.5 0.25 0.75 0.3 0.6 0.5")
    dataset = read(tmp_path, "yolo", ["stamp:none"]).dataset
    (page,) = dataset.pages
    np.testing.assert_allclose(page.boxes, [BOX])  # the polygon's is the same box again
    assert page.labels.tolist() == [4]
    (note,) = [text for label, text in dataset.notes if label == "boxes"]
    assert note.startswith("1 of their 2 lines have a sixth number, which is not used; if it is the score of a model")


def test_yolo_pages_without_labels_are_left_out_or_empty_and_broken_lines_are_named(tmp_path: Path):
    yolo(tmp_path, ["a.png"], "0 0.5 0.5 0.1 0.1\nnonsense\n0 0.5 0.5\n0 0.1 0.1 0.2 0.2 0.3 0.3 0.4")
    picture(tmp_path / "b.png", 1)
    found = read(tmp_path, "yolo", ["0:signature"])
    assert [len(page.labels) for page in found.dataset.pages] == [1]
    assert [place for place, _ in found.dataset.dropped] == ["a.txt line 2", "a.txt line 3", "a.txt line 4"]
    assert found.reasons["b.png"].startswith("a picture without a label")
    as_empty = read(tmp_path, "yolo", ["0:signature"], unlabelled="empty")
    assert {name: len(page.labels) for name, page in as_empty.pages.items()} == {"a.png": 1, "b.png": 0}


def test_a_coco_folder_becomes_a_detector_dataset(tmp_path: Path):
    names = [f"doc{n // 2}_page{n % 2}.png" for n in range(12)]
    for number, name in enumerate(names):
        picture(tmp_path / "own" / name, number)
    coco(tmp_path / "own" / "labels.json", names)
    pools = own_pages(tmp_path / "own").load(Canvas((128, 96)))
    assert len(pools.train) + len(pools.validation) == 12
    documents = [{name.split("_")[0] for name in part.names} for part in (pools.train, pools.validation)]
    assert documents[1]
    assert documents[0].isdisjoint(documents[1])
    np.testing.assert_allclose(pools.train.boxes, [BOX] * len(pools.train))


def test_a_split_that_is_there_is_kept(tmp_path: Path):
    root = tmp_path / "own"
    yolo(root, [f"train/images/{n}.png" for n in range(3)], labels="labels")
    yolo(root, ["valid/images/9.png"], labels="labels")
    picture(root / "valid/images/9.png", 50)
    (root / "data.yaml").write_text("names: [signature]")
    report = read_report(own_pages(root).shards_root())
    assert {part: counts["own"]["pages"] for part, counts in report["used"].items()} == {"train": 3, "validation": 1}


@pytest.mark.parametrize(
    ("names", "labels", "expected"),
    [
        ([], "auto", "dataset.root: no images in"),
        (["a.png"], "coco", r"1 images in .*, but no labels \(looked for COCO\)"),
        (["a.png"], "yolo", "dataset.classes: 0: unknown class"),
    ],
)
def test_what_is_no_dataset_is_refused(tmp_path: Path, names: list[str], labels: str, expected: str):
    (tmp_path / "own").mkdir()
    yolo(tmp_path / "own", names)
    with pytest.raises(UserError, match=expected):
        own_pages(tmp_path / "own", labels=labels).shards_root()


def test_changed_names_or_labels_are_another_dataset(tmp_path: Path):
    root = tmp_path / "own"
    yolo(root, ["a.png", "b.png"])
    (root / "classes.txt").write_text("signature\n")
    first = own_pages(root).shards_root()
    (root / "classes.txt").write_text("date\n")
    second = own_pages(root).shards_root()
    (root / "a.txt").write_text("")
    assert len({first, second, own_pages(root).shards_root()}) == 3
    assert own_pages(root, classes=["date:signature"]).shards_root() not in (first, second)


def test_a_name_of_two_lines_is_refused_in_one():
    with pytest.raises(UserError, match=r"^dataset\.classes: Sig nature: unknown class"):
        labels_of_names(["Sig\nnature"], [])


@pytest.mark.parametrize(
    ("pictures", "labels"),
    [
        ("{}/img", "{}/txt"),
        ("images/{}", "yolo/{}"),
        ("{}_images", "{}_labels"),
        ("batch {}/scans", "batch {}/boxes"),
    ],
)
def test_labels_are_those_of_the_nearest_picture(tmp_path: Path, pictures: str, labels: str):
    lines = {"train": LINE, "valid": "0 0.5 0.5 0.5 0.5"}
    for part, line in lines.items():
        file = tmp_path / labels.format(part) / "0001.txt"
        picture(tmp_path / pictures.format(part) / "0001.png")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(line)
    (tmp_path / "classes.txt").write_text("signature")
    assert read(tmp_path, "yolo").boxes == {
        f"{pictures.format('train')}/0001.png": [BOX],
        f"{pictures.format('valid')}/0001.png": [(0.25, 0.25, 0.75, 0.75)],
    }


def test_the_folder_of_the_pictures_alone(tmp_path: Path):
    root = tmp_path / "my pages" / "images"
    picture(root / "a.png")
    (root.parent / "labels").mkdir()
    with pytest.raises(UserError, match=r"no labels .*labels lies beside it") as error:
        own_pages(root).shards_root()
    assert error.value.remedies == (f"give the folder above both:  {typed('dataset.root', root.parent)}",)
