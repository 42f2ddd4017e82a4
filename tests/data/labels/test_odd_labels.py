"""Numbers, forms and encodings as tools write them are read if their meaning is certain, or refused in one line."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from composing import composed
from labelling import (
    BOX,
    coco_pages,
    LINE,
    own_pages,
    picture,
    read,
    refusal,
    write_json,
    yolo_pages,
)

from data.errors import UserError
from data.labels.split_report import read_report
from data.pages.tf_examples import serialise_example, write_records

fault = pytest.mark.fault
READ = "read as it is meant"
NAMED = "named, with its number; no page becomes one with nothing on it"
REFUSED = "refused in one line that names both"


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
    assert "3: unknown class" in refusal(tmp_path / "own")


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
    assert found.reasons == {"doc0.png": "a box that is listed twice on its page"}


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
    with pytest.raises(UserError, match="unknown class") as error:
        own_pages(tmp_path / "own", classes=["b:date"]).shards_root()
    (word,) = shlex.split(error.value.remedies[0].split(":  ", 1)[1])
    classes = list(composed("task=detector", "dataset=pages", word).dataset.classes)
    assert len(classes) == len(names) + 1
    found = read(tmp_path / "own", "yolo", classes)
    assert {name: len(page.labels) for name, page in found.pages.items()}["doc0.png"] == 1


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


def test_boxes_that_cvat_turned(tmp_path: Path):
    content = coco_pages(tmp_path)
    for note, degrees in zip(content["annotations"], (0.0, 90.0, "180", None), strict=True):
        note["attributes"] = {"occluded": False, "rotation": degrees}
    content["annotations"][1]["bbox"] = [17.5, 17.5, 15, 10]
    write_json(tmp_path / "labels.json", content)
    assert all(boxes == [BOX] for boxes in read(tmp_path, "coco").boxes.values())


@fault("boxes with negative sizes, or with their corners the other way round", READ + ", and counted")
@pytest.mark.parametrize("box", [[30, 30, -10, -15], [30, 15, -10, 15], [20, 30, 10, -15]])
def test_boxes_from_the_lower_right(tmp_path: Path, box: list[int]):
    content = coco_pages(tmp_path / "coco")
    content["annotations"][1]["bbox"] = box
    write_json(tmp_path / "coco" / "labels.json", content)
    yolo_pages(tmp_path / "yolo", "0 0.625 0.375 -0.25 0.25", LINE)
    for name in ("coco", "yolo"):
        found = read(tmp_path / name, name)
        assert all(boxes == [BOX] for boxes in found.boxes.values())
        assert "1 box is written from the lower or right corner" in found.notes
