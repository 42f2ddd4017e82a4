"""Unusable labels, and names that are hard to find, are reported, and their pages do not become empty pages."""

from pathlib import Path

import pytest
from labelling import BOX, coco_pages, LINE, own_pages, picture, read, refusal, voc, write_json, yolo_pages

from data.labels.split_report import left_out, read_report, report_lines

fault = pytest.mark.fault
READ = "read as it is meant"
NAMED = "named, with its number; no page becomes one with nothing on it"
REFUSED = "refused in one line that names both"


@fault("COCO: pictures that the JSON does not list", NAMED)
def test_unlabelled_pictures(tmp_path: Path):
    write_json(tmp_path / "own" / "labels.json", coco_pages(tmp_path / "own"))
    for number in range(7):
        picture(tmp_path / "own" / f"more{number}.png", 20 + number)
    report = read_report(own_pages(tmp_path / "own").shards_root())
    assert (report["pages"], report["boxes"]) == (4, 4)
    ((names, reason),) = left_out(report)
    assert names == "7 pictures (more0.png, more1.png, more2.png, ...)"
    assert reason.startswith("a picture without a label")
    assert any("7: a picture without a label" in text for _, text in report_lines(report))


@fault("COCO: boxes marked ignore, as MMDetection converts VOC's difficult ones", NAMED)
def test_ignored_boxes(tmp_path: Path):
    content = coco_pages(tmp_path)
    for note, value in zip(content["annotations"], (1, True, "1", 0), strict=True):
        note["ignore"] = value
    write_json(tmp_path / "labels.json", content)
    found = read(tmp_path, "coco")
    assert found.boxes == {"doc3.png": [BOX]}
    assert "marked ignore" in found.reasons["doc0.png, labels.json annotation 0"]
    assert len(read(tmp_path, "coco", crowds=True).boxes) == 4


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
def test_a_dataset_with_half_of_its_labels_lost_is_refused(tmp_path: Path, labels: str):
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


@fault("YOLO: lines that cannot be read beside others", NAMED + "; pages are counted, not lines")
def test_pages_are_counted_not_lines(tmp_path: Path):
    header = "class x y w h\n# drawn by Ada\n"
    yolo_pages(tmp_path / "own", header + LINE, LINE, LINE, LINE, "no\nsuch\nline")
    assert "2 of 5 pages cannot be used (40.0%" in refusal(tmp_path / "own", "yolo")
    report = read_report(own_pages(tmp_path / "own", max_bad_fraction=0.4).shards_root())
    assert (report["pages"], report["entries"], report["boxes"]) == (4, 5, 4)
    assert ("2 lines (doc0.txt line 1, doc0.txt line 2)", "not a line of class x y width height") in left_out(report)


@fault("so many pages are left out that the rest cannot be split", "the reason is shown")
def test_too_few_pages_are_left_to_split(tmp_path: Path):
    lines = [LINE, *["0 0.9 0.5 0.9 0.2"] * 3]
    message = refusal(yolo_pages(tmp_path / "own", *lines))
    assert "1 pages of 1 document cannot be split in two" in message
    assert "3 entries left out, first doc1.png: a box outside the page" in message
