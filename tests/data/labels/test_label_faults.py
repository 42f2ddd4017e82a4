"""Labels as tools really write them, by kind of fault: read where it is certain, otherwise refused in one line."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from composing import composed
from labelling import BOX, coco, coco_pages, LINE, own_pages, picture, PIXELS, read, voc, write_json, yolo, yolo_pages
from PIL import Image

from data.errors import UserError
from data.labels.split_report import left_out, read_report, report_lines
from data.own_files import MARK, save_picture
from data.pages.tf_examples import serialise_example, write_records

fault = pytest.mark.fault
READ = "read as it is meant"
NAMED = "named, with its number; no page becomes one with nothing on it"
REFUSED = "refused in one line that names both"


def refusal(root: Path, labels: str = "auto", **changes: Any) -> str:
    with pytest.raises(UserError) as error:
        own_pages(root, labels=labels, **changes).shards_root()
    assert "\n" not in str(error.value)
    return str(error.value)


# Labels that are dropped


@fault("COCO: pictures that the JSON does not list", NAMED)
def test_pictures_that_nobody_labelled(tmp_path: Path):
    write_json(tmp_path / "own" / "labels.json", coco_pages(tmp_path / "own"))
    for number in range(7):
        picture(tmp_path / "own" / f"more{number}.png", 20 + number)
    report = read_report(own_pages(tmp_path / "own").shards_root())
    assert (report["pages"], report["boxes"]) == (4, 4)
    ((names, reason),) = left_out(report)
    assert names == "7 pictures (more0.png, more1.png, more2.png, ...)"
    assert reason.startswith("a picture without a label")
    assert any("7: a picture without a label" in text for _, text in report_lines(report))


@fault("COCO: boxes marked iscrowd, as CVAT marks masks", NAMED + "; `dataset.crowds=true` takes them")
def test_crowds(tmp_path: Path):
    content = coco_pages(tmp_path)
    content["annotations"][0]["iscrowd"] = 1
    content["annotations"][1]["iscrowd"] = "0"
    content["annotations"][2]["iscrowd"] = "false"
    write_json(tmp_path / "labels.json", content)
    found = read(tmp_path, "coco")
    assert set(found.pages) == {"doc1.png", "doc2.png", "doc3.png"}
    assert "iscrowd" in found.reasons["doc0.png, labels.json annotation 0"]
    assert read(tmp_path, "coco", crowds=True).boxes["doc0.png"] == [BOX]


@fault("labels lost for another reason than the user's choice", NAMED)
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0 0.5 0.5", "not a line of class x y width height"),
        ("0 0.5 0.5 0 0.1", "an empty box"),
        ("0 1.5 0.5 0.1 0.1", "a box outside the page"),
        ("0 312 477 102 40", "a box outside the page, its numbers are no shares of the page"),
    ],
)
def test_a_page_that_lost_its_labels_is_left_out(tmp_path: Path, line: str, reason: str):
    yolo_pages(tmp_path, LINE, line, "")
    found = read(tmp_path, "yolo")
    assert {name: len(page.labels) for name, page in found.pages.items()} == {"doc0.png": 1, "doc2.png": 0}
    ((name, why),) = found.dataset.dropped
    assert name.startswith("doc1.png")
    assert reason in why


def test_a_class_that_the_user_leaves_out_makes_an_empty_page(tmp_path: Path):
    yolo_pages(tmp_path, LINE, LINE.replace("0", "1", 1), names="signature\nstamp\n")
    found = read(tmp_path, "yolo", ["stamp:none"])
    assert {name: len(page.labels) for name, page in found.pages.items()} == {"doc0.png": 1, "doc1.png": 0}
    assert found.dataset.dropped == []
    assert found.reasons == {"doc1.txt line 1": "a box of class stamp, which dataset.classes maps to none"}


@fault("half of the labels belong to no picture", "the run stops and names them")
@pytest.mark.parametrize("labels", ["coco", "yolo", "voc"])
def test_half_a_dataset_does_not_vanish(tmp_path: Path, labels: str):
    root = tmp_path / "own"
    if labels == "coco":
        write_json(root / "labels.json", coco_pages(root, 4))
    elif labels == "yolo":
        yolo_pages(root, *[LINE] * 4)
    for number in range(4):
        if labels == "voc":
            picture(root / f"doc{number}.png", number)
            voc(root / f"doc{number}.xml", ("signature", 20, 15, 30, 30))
        if number % 2:
            (root / f"doc{number}.png").unlink()
    assert "2 of 4 pages cannot be used (50.0%" in refusal(root)


@fault("COCO: an annotation without a category", NAMED)
def test_an_annotation_without_a_category(tmp_path: Path):
    content = coco_pages(tmp_path)
    del content["annotations"][0]["category_id"]
    write_json(tmp_path / "labels.json", content)
    found = read(tmp_path, "coco")
    assert "doc0.png" not in found.pages
    assert "without a category" in found.reasons["doc0.png, labels.json annotation 0"]


@fault("`dataset.classes` names a class that has no box", "said in a line")
def test_a_name_that_is_not_used(tmp_path: Path):
    yolo_pages(tmp_path, LINE)
    assert "no box is of class stampp" in read(tmp_path, "yolo", ["stampp:none", "Signature:signature"]).notes


@fault("COCO: image sizes, annotations or the list of annotations missing", READ)
def test_gaps_in_coco(tmp_path: Path):
    content = coco_pages(tmp_path, 4)
    content["images"][0] |= {"width": 0, "height": 0}
    content["images"][1] |= {"width": None, "height": None}
    content["images"][2] = {"id": 2, "file_name": "doc2.png"}
    write_json(tmp_path / "labels.json", content)
    write_json(tmp_path / "test.json", {"images": [{"id": 1, "file_name": "doc9.png"}], "categories": []})
    write_json(tmp_path / "null.json", {"images": [{"id": 1, "file_name": "doc9.png"}], "annotations": None})
    picture(tmp_path / "doc9.png", 40)
    found = read(tmp_path, "coco")
    assert found.boxes == {f"doc{number}.png": [BOX] for number in range(4)}
    assert "without a label" in found.reasons["doc9.png"]


# Names


@fault("YOLO: upper-case suffixes and folders", READ)
def test_case_of_yolo_files(tmp_path: Path):
    for number, (image, label) in enumerate(
        [
            ("A.PNG", "A.TXT"),
            ("Images/b.png", "Labels/b.txt"),
            ("c.png", "C.txt"),
            ("IMAGES/train/d.png", "labels/Train/D.txt"),
        ]
    ):
        picture(tmp_path / image, number)
        (tmp_path / label).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / label).write_text(LINE)
    (tmp_path / "Classes.TXT").write_text("signature")
    found = read(tmp_path, "yolo")
    assert len(found.boxes) == 4
    assert found.dataset.dropped == []


@fault("YOLO: label files with encoded names, as Label Studio writes them", READ)
def test_encoded_names_of_yolo_files(tmp_path: Path):
    for number, name in enumerate(("Capture_décran_0", "scan 1")):
        picture(tmp_path / "images" / f"{name}.png", number)
    (tmp_path / "labels").mkdir()
    for name in ("Capture_d%C3%A9cran_0", "scan%201"):
        (tmp_path / "labels" / f"{name}.txt").write_text(LINE)
    write_json(tmp_path / "notes.json", {"categories": [{"id": 0, "name": "signature"}], "info": {}})
    found = read(tmp_path, "yolo")
    assert list(found.boxes.values()) == [[BOX], [BOX]]


@fault("YOLO: label files without a picture", NAMED)
def test_label_files_without_a_picture(tmp_path: Path):
    yolo_pages(tmp_path, LINE)
    (tmp_path / "gone.txt").write_text(LINE)
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "nothing.txt").write_text("")
    (tmp_path / "README.txt").write_text("read me")
    (tmp_path / "runs" / "labels").mkdir(parents=True)
    (tmp_path / "runs" / "labels" / "doc0.txt").write_text(LINE.replace("0.25", "0.3"))
    found = read(tmp_path, "yolo")
    assert set(dict(found.dataset.dropped)) == {"gone.txt", "labels/nothing.txt", "runs/labels/doc0.txt"}


@fault("YOLO: Label Studio's labels of pictures that kept their own names", READ)
def test_label_files_with_the_prefix_of_an_upload(tmp_path: Path):
    picture(tmp_path / "images" / "a0.png")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "90fbb0c0-a0.txt").write_text(LINE)
    assert read(tmp_path, "yolo", ["0:signature"]).boxes == {"images/a0.png": [BOX]}


# Conflicts


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


# Numbers


@fault("COCO: numbers in quotes, ids as text, boxes as text or objects", READ)
def test_quoted_numbers(tmp_path: Path):
    content = coco_pages(tmp_path, 5)
    boxes = [["20", "15", "10", "15"], ["20,0", "15,0", 10.0, " 15 "], "[20, 15, 10, 15]"]
    boxes += [{"x": 20, "y": 15, "width": 10, "height": 15}, {"x": "20", "y": 15, "w": 10, "h": 15}]
    for note, box in zip(content["annotations"], boxes, strict=True):
        note |= {"bbox": box, "image_id": str(note["image_id"]), "category_id": "3"}
    content["images"][0] |= {"width": "40", "height": "60"}
    write_json(tmp_path / "labels.json", content)
    assert read(tmp_path, "coco").boxes == {f"doc{number}.png": [BOX] for number in range(5)}


@fault("COCO: boxes as shares of the page, as Azure ML writes them", READ)
@pytest.mark.parametrize("size", [{}, {"width": 0, "height": 0}])
def test_boxes_as_shares(tmp_path: Path, size: dict[str, int]):
    content = coco_pages(tmp_path)
    for note in content["annotations"]:
        note["bbox"] = [0.5, 0.25, 0.25, 0.25]
    content["images"][0] |= size
    write_json(tmp_path / "labels.json", content)
    found = read(tmp_path, "coco")
    assert found.boxes == {f"doc{number}.png": [BOX] for number in range(4)}
    assert "shares of the page" in found.notes


@fault("COCO: one box of less than a pixel among others", NAMED)
def test_a_box_smaller_than_a_pixel(tmp_path: Path):
    content = coco_pages(tmp_path)
    content["annotations"][0]["bbox"] = [0.5, 0.25, 0.25, 0.25]
    write_json(tmp_path / "labels.json", content)
    assert "smaller than a pixel" in read(tmp_path, "coco").reasons["doc0.png, labels.json annotation 0"]


@fault("boxes as two corners where a size is expected", READ)
def test_boxes_as_corners(tmp_path: Path):
    content = coco_pages(tmp_path / "coco")
    for note in content["annotations"]:
        note["bbox"] = [20, 35, 30, 50]
    write_json(tmp_path / "coco" / "labels.json", content)
    expected = (round(35 / 60, 3), 0.5, round(50 / 60, 3), 0.75)
    assert read(tmp_path / "coco", "coco").boxes["doc0.png"] == [expected]
    yolo_pages(tmp_path / "yolo", "0 0.5 0.8 0.7 0.9", "0 0.1 0.2 0.3 0.25", "0 0.6 0.7 0.9 0.8")
    assert read(tmp_path / "yolo", "yolo").boxes["doc0.png"] == [(0.8, 0.5, 0.9, 0.7)]


@fault("COCO: segmentation alone, without bbox", READ)
@pytest.mark.parametrize("segmentation", [[[20, 15, 30, 15, 30, 30, 20, 30]], [20, 15, 30, 15, 25, 30]])
@pytest.mark.parametrize("box", [None, [], [0, 0, 0, 0]])
def test_segmentation_alone(tmp_path: Path, segmentation: list[Any], box: list[int] | None):
    content = coco_pages(tmp_path, 1)
    content["annotations"][0] |= {"bbox": box, "segmentation": segmentation}
    write_json(tmp_path / "labels.json", content)
    assert read(tmp_path, "coco").boxes == {"doc0.png": [BOX]}


@fault("COCO: categories missing or of another form", READ + ", or refused in one line")
def test_forms_of_categories(tmp_path: Path):
    content = coco_pages(tmp_path / "own")
    for categories in (
        {"3": "signature"},
        {"3": {"name": "signature"}},
        {"signature": 3},
        [{"id": "3", "name": "signature"}],
    ):
        write_json(tmp_path / "own" / "labels.json", content | {"categories": categories})
        assert read(tmp_path / "own", "coco").boxes["doc0.png"] == [BOX]
    for broken in (None, "signature", [1, 2], [{"name": "signature"}], 7):
        write_json(tmp_path / "own" / "labels.json", content | {"categories": broken})
        assert "labels.json: not COCO's form (categories is not" in refusal(tmp_path / "own")
    write_json(tmp_path / "own" / "labels.json", content | {"categories": []})
    assert "3: not known what this stands for" in refusal(tmp_path / "own")


@fault("COCO: a JSON file that is cut", "refused: the file and the place are named")
def test_a_cut_json_file(tmp_path: Path):
    content = coco_pages(tmp_path / "own")
    write_json(tmp_path / "own" / "train.json", content)
    text = json.dumps(content)
    (tmp_path / "own" / "valid.json").write_text(text[: text.index("categories")])
    assert "valid.json: is cut or broken" in refusal(tmp_path / "own")


@fault("label files in UTF-16, with BOM, CRLF, tabs or commas", READ)
def test_encodings(tmp_path: Path):
    yolo_pages(tmp_path, *[""] * 4)
    for number, encoding in enumerate(("utf-16", "utf-8-sig", "utf-16-le", "cp1252")):
        (tmp_path / f"doc{number}.txt").write_bytes(f"{LINE}\r\n".replace(" ", "\t").encode(encoding))
    (tmp_path / "classes.txt").write_bytes("signature\r\n".encode("utf-16"))
    assert read(tmp_path, "yolo").boxes == {f"doc{number}.png": [BOX] for number in range(4)}


@fault("a box a little over the edge of the page", "cut off at the edge, and counted")
def test_a_box_over_the_edge(tmp_path: Path):
    yolo_pages(tmp_path, "0 0.95 0.5 0.13 0.05", LINE)
    found = read(tmp_path, "yolo")
    assert found.boxes["doc0.png"] == [(0.475, 0.885, 0.525, 1.0)]
    assert "1 box reaches a little over the edge" in found.notes


@fault("the same box twice on a page", "kept once, and counted")
def test_a_box_twice(tmp_path: Path):
    yolo_pages(tmp_path, f"{LINE}\n{LINE}\n")
    found = read(tmp_path, "yolo")
    assert found.boxes["doc0.png"] == [BOX]
    assert found.reasons == {"doc0.png": "a box that stands twice on its page"}


@fault("every label is unreadable", "the first reason is shown, not that no box is left")
def test_the_first_reason_is_shown(tmp_path: Path):
    yolo_pages(tmp_path / "own", "0 0.5 0.5", "0 x y w h")
    message = refusal(tmp_path / "own")
    assert (
        "doc0.png, doc0.txt line 1: its labels are lost: not a line of class x y width height (and 1 more)" in message
    )


@fault(
    "class names with commas, colons, brackets, quotes, umlauts or spaces",
    "the remedy printed can be pasted, and works",
)
def test_remedies_can_be_pasted(tmp_path: Path):
    names = [
        "Signature (wet)",
        "firma, paraph",
        "l'autographe",
        '"quoted"',
        "签名",
        "a:b",
        "Größe ß",
        "$x ${y} \\",
        "-1",
        "#",
        "x=y",
        "[z]",
        "null",
        "1e3",
    ]
    yolo_pages(tmp_path / "own", *(LINE.replace("0", str(n), 1) for n in range(len(names))), names="\n".join(names))
    with pytest.raises(UserError, match="not known what this stands for") as error:
        own_pages(tmp_path / "own", classes=["b:date"]).shards_root()
    (word,) = shlex.split(error.value.remedies[0].split(":  ", 1)[1])
    classes = list(composed("task=detector", "dataset=pages", word).dataset.classes)
    assert len(classes) == len(names) + 1
    found = read(tmp_path / "own", "yolo", classes)
    assert {name: len(page.labels) for name, page in found.pages.items()}["doc0.png"] == 1


@fault("a TIFF of several pages with labels of one page", "left out: labels do not say which page they mean")
def test_several_pages_in_one_file(tmp_path: Path):
    yolo_pages(tmp_path / "own", LINE, LINE)
    pages = [Image.open(tmp_path / "own" / f"doc{number}.png") for number in range(2)]
    pages[0].save(tmp_path / "own" / "doc2.tif", save_all=True, append_images=pages[1:])
    (tmp_path / "own" / "doc2.txt").write_text(LINE)
    found = read(tmp_path / "own", "yolo")
    assert set(found.pages) == {"doc0.png", "doc1.png"}
    assert "it holds several pages" in found.reasons["doc2.tif"]


# TFRecords


def tfrecord(path: Path, count: int, text: bytes = b"signature", label: int = 2, first: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    records = []
    for number in range(first, first + count):
        page = picture(path.parent.parent / "drawn" / f"p{number}.png", number)
        box = {
            f"image/object/bbox/{key}": [value]
            for key, value in zip(("ymin", "xmin", "ymax", "xmax"), BOX, strict=True)
        }
        records.append(
            serialise_example(
                {
                    "image/encoded": [page.read_bytes()],
                    "image/filename": [page.name.encode()],
                    "image/object/class/label": [label],
                    "image/object/class/text": [text] if text else [],
                    **box,
                }
            )
        )
        page.unlink()
    write_records(path, records)


LABEL_MAP = "item {\n  id: 1\n  name: 'date'\n}\nitem {\n  name: \"signature\"\n  id: 2\n}\n"


@fault("TFRecords with a label map of their own, as Roboflow exports them", READ)
@pytest.mark.parametrize("text", [b"signature", b""])
def test_tfrecords(tmp_path: Path, text: bytes):
    for part, first in (("train", 0), ("valid", 3)):
        tfrecord(tmp_path / "own" / part / "Signs.tfrecord", 3, text, first=first)
        (tmp_path / "own" / part / "Signs_label_map.pbtxt").write_text(LABEL_MAP)
    report = read_report(own_pages(tmp_path / "own").shards_root())
    assert {part: counts["own"]["signature"] for part, counts in report["used"].items()} == {
        "train": 3,
        "validation": 3,
    }


@fault("TFRecords whose class has another name in the record than in the label map", REFUSED)
def test_tfrecords_that_disagree(tmp_path: Path):
    tfrecord(tmp_path / "own" / "train" / "Signs.tfrecord", 2, b"stamp")
    (tmp_path / "own" / "train" / "Signs_label_map.pbtxt").write_text(LABEL_MAP)
    assert "calls class 2 stamp, the label map signature" in refusal(tmp_path / "own")
