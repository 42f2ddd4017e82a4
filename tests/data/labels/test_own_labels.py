"""Pages of one's own: COCO's and YOLO's labels in the layouts that tools export."""

import json
from pathlib import Path

import numpy as np
import pytest
from composing import dataset
from PIL import Image

from data.datasets.pages import OwnPages
from data.errors import UserError
from data.labels.class_names import labels_of_names
from data.labels.coco_labels import find_coco_files, read_coco
from data.labels.split_report import read_report
from data.labels.yolo_labels import find_yolo_files, read_yolo
from data.pictures.image_folder import ImageFolder
from data.splits.path_names import document_of_file, split_of

HEIGHT, WIDTH = 60, 40
BOX = (0.25, 0.5, 0.5, 0.75)
"""ymin, xmin, ymax, xmax of every box: in COCO's pixels [20, 15, 10, 15], in YOLO's shares 0.625 0.375 0.25 0.25."""

CATEGORIES = [{"id": 3, "name": "Signatures"}, {"id": 9, "name": "Stamp"}]


def picture(path: Path, number: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((HEIGHT, WIDTH), 255, np.uint8)
    pixels[number % HEIGHT, number // HEIGHT :] = 0
    Image.fromarray(pixels).save(path)


def coco(path: Path, names: list[str], category: int = 3, **more) -> Path:
    """Writes COCO's labels, a box a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    images = [{"id": n, "file_name": name, "height": HEIGHT, "width": WIDTH} for n, name in enumerate(names)]
    annotations = [
        {"id": n, "image_id": n, "category_id": category, "bbox": [20, 15, 10, 15], "iscrowd": 0}
        for n in range(len(names))
    ]
    content = {"images": images, "annotations": annotations, "categories": CATEGORIES, **more}
    path.write_text(json.dumps(content))
    return path


def yolo(root: Path, names: list[str], line: str = "0 0.625 0.375 0.25 0.25", labels: str = "") -> None:
    """Writes pictures, and label files beside them or in `labels` for `images`."""
    for number, name in enumerate(names):
        picture(root / name, number)
        file = root / (name.replace("images", labels, 1) if labels else name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".txt").write_text(line + "\n")


def settings(root: Path, **changes) -> OwnPages:
    return dataset("detector", "pages", root=str(root), cache_dir=str(root.parent / "cache"), **changes)


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
        ([], r"seal, sig: not known what this stands for .*"),
        (["sig:signature"], "seal: not known"),
        (["sig=signature"], "sig=signature is not <their name>:<signature"),
        (["sig:autograph"], "sig:autograph is not"),
    ],
)
def test_unknown_names_are_refused_with_an_example(given: list[str], expected: str):
    with pytest.raises(UserError, match=expected) as refusal:
        labels_of_names(["sig", "seal"], given)
    assert refusal.value.what == "dataset.classes"


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
    assert document_of_file(name) == document


def test_coco_boxes_become_shares_of_the_page(tmp_path: Path):
    picture(tmp_path / "deep" / "pictures" / "a.png")
    file = coco(tmp_path / "labels.json", ["a.png", "missing.png"])
    (tmp_path / "package.json").write_text("[1, 2]")
    assert find_coco_files(tmp_path) == [file]
    first, second = read_coco(ImageFolder(tmp_path), [file], []).pages
    np.testing.assert_allclose(first.boxes, [BOX])
    assert (first.path, first.labels.tolist()) == (tmp_path / "deep" / "pictures" / "a.png", [1])
    assert second.path is None


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
    dataset = read_coco(ImageFolder(tmp_path), [file], ["stamp:none"])
    assert [len(page.labels) for page in dataset.pages] == [1, 0, 0]
    np.testing.assert_allclose(dataset.pages[0].boxes, [BOX])
    assert dict(dataset.dropped) == {
        "labels.json annotation 7": "no bbox of four numbers",
        "labels.json image 77": "annotations of an image that is not listed",
    }
    file.write_text(json.dumps(content | {"images": [{"id": 1}]}))
    with pytest.raises(UserError, match=r"labels\.json: not COCO's form"):
        read_coco(ImageFolder(tmp_path), [file], ["stamp:none"])


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
    folder = ImageFolder(tmp_path)
    (page,) = read_yolo(folder, find_yolo_files(folder), []).pages
    np.testing.assert_allclose(page.boxes, [BOX])
    assert (page.name, page.labels.tolist()) == (names[0], [1])


@pytest.mark.parametrize("names", ["names: [stamp, date]", "names: {0: stamp, 1: date}"])
def test_yolo_names_scores_and_polygons(tmp_path: Path, names: str):
    (tmp_path / "data.yaml").write_text(f"path: .\n{names}\n")
    yolo(tmp_path, ["a.png"], "1 0.625 0.375 0.25 0.25 0.9\n0 0.5 0.5 0.1 0.1\n\n1 0.5 0.25 0.75 0.3 0.6 0.5")
    folder = ImageFolder(tmp_path)
    (page,) = read_yolo(folder, find_yolo_files(folder), ["stamp:none"]).pages
    np.testing.assert_allclose(page.boxes, [BOX, BOX])
    assert page.labels.tolist() == [4, 4]


def test_yolo_pages_without_labels_are_empty_and_broken_lines_are_named(tmp_path: Path):
    yolo(tmp_path, ["a.png"], "0 0.5 0.5 0.1 0.1\nnonsense\n0 0.5 0.5\n0 0.1 0.1 0.2 0.2 0.3 0.3 0.4")
    picture(tmp_path / "b.png", 1)
    folder = ImageFolder(tmp_path)
    dataset = read_yolo(folder, find_yolo_files(folder), ["0:signature"])
    assert [len(page.labels) for page in dataset.pages] == [1, 0]
    assert [place for place, _ in dataset.dropped] == ["a.txt line 2", "a.txt line 3", "a.txt line 4"]
    assert ("", "1 pictures have none: taken for pages with nothing on them") in dataset.notes


def test_a_coco_folder_becomes_a_detector_dataset(tmp_path: Path):
    names = [f"doc{n // 2}_page{n % 2}.png" for n in range(12)]
    for number, name in enumerate(names):
        picture(tmp_path / "own" / name, number)
    coco(tmp_path / "own" / "labels.json", names)
    pools = settings(tmp_path / "own").load((128, 96))
    assert len(pools.train) + len(pools.validation) == 12
    documents = [{name.split("_")[0] for name in side.names} for side in (pools.train, pools.validation)]
    assert documents[1]
    assert documents[0].isdisjoint(documents[1])
    np.testing.assert_allclose(pools.train.boxes, [BOX] * len(pools.train))


def test_a_split_that_is_there_is_kept(tmp_path: Path):
    root = tmp_path / "own"
    yolo(root, [f"train/images/{n}.png" for n in range(3)], labels="labels")
    yolo(root, ["valid/images/9.png"], labels="labels")
    picture(root / "valid/images/9.png", 50)
    (root / "data.yaml").write_text("names: [signature]")
    facts = read_report(settings(root).shards_root())
    assert {side: counts["own"]["pages"] for side, counts in facts["used"].items()} == {"train": 3, "validation": 1}


@pytest.mark.parametrize(
    ("names", "labels", "expected"),
    [
        ([], "auto", "dataset.root: no images in"),
        (["a.png"], "coco", r"1 images in .*, but no labels \(looked for COCO"),
        (["a.png"], "yolo", "dataset.classes: 0: not known"),
    ],
)
def test_what_is_no_dataset_is_refused(tmp_path: Path, names: list[str], labels: str, expected: str):
    (tmp_path / "own").mkdir()
    yolo(tmp_path / "own", names)
    with pytest.raises(UserError, match=expected):
        settings(tmp_path / "own", labels=labels).shards_root()


def test_changed_names_or_labels_are_another_dataset(tmp_path: Path):
    root = tmp_path / "own"
    yolo(root, ["a.png", "b.png"])
    (root / "classes.txt").write_text("signature\n")
    first = settings(root).shards_root()
    (root / "classes.txt").write_text("date\n")
    second = settings(root).shards_root()
    (root / "a.txt").write_text("")
    assert len({first, second, settings(root).shards_root()}) == 3
    assert settings(root, classes=["date:signature"]).shards_root() not in (first, second)
