"""Small datasets in the layouts that tools export and people publish."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from labelling import BOX, coco_content, LINE, picture, PIXELS, read, refusal

from data.splits.given_split import with_split

VOC = (
    '<annotation verified="yes"><folder>scans</folder><filename>{0}</filename><path>C:\\Users\\a\\scans\\{0}</path>'
    "<source><database>Unknown</database></source><size><width>40</width><height>60</height><depth>3</depth></size>"
    "<segmented>0</segmented><object><name>signature</name><pose>Unspecified</pose><truncated>0</truncated>"
    "<difficult>1</difficult><occluded>0</occluded><bndbox><xmin>20</xmin><xmax>30</xmax><ymin>15</ymin>"
    "<ymax>30</ymax></bndbox></object></annotation>"
)


def write(path: Path, content: str | Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def pictures(root: Path, *names: str) -> None:
    for number, name in enumerate(names):
        picture(root / name, number)


def coco_of(name: str, categories: Sequence[tuple[int, str]] = ((1, "signature"),), **note: Any) -> dict[str, Any]:
    content = coco_content([name], 1, categories=[{"id": number, "name": kind} for number, kind in categories])
    content["annotations"][0] |= note
    return content


def roboflow_yolo(root: Path) -> None:
    for part in ("train", "valid", "test"):
        stem = f"scan-{part}_png.rf.{'0123456789abcdef' * 2}"
        pictures(root, f"{part}/images/{stem}.jpg")
        write(root / part / "labels" / f"{stem}.txt", LINE)
    entries = "train: ../train/images\nval: ../valid/images\ntest: ../test/images\n"
    write(root / "data.yaml", f"{entries}\nnc: 1\nnames: ['signature']\n\nroboflow:\n  version: 2\n")
    write(root / "README.roboflow.txt", "\nscans - v2\n\n* Resize to 640x640 (Stretch)\n1 2 3 4 5 images\n")


def roboflow_coco(root: Path) -> None:
    for part in ("train", "valid", "test"):
        pictures(root, f"{part}/a_{part}_jpg.rf.0123.jpg")
        content = coco_of(f"a_{part}_jpg.rf.0123.jpg", ((0, "signatures"), (1, "signature")), segmentation=[])
        write(root / part / "_annotations.coco.json", content)


def darknet(root: Path) -> None:
    for part in ("train", "valid", "test"):
        pictures(root, f"{part}/{part}1.jpg")
        write(root / part / f"{part}1.txt", LINE)
        write(root / part / "_darknet.labels", "signature\n")


def cvat_ultralytics(root: Path) -> None:
    for part in ("train", "val", "test"):
        pictures(root, f"images/{part}/{part}1.png")
        write(root / "labels" / part / f"{part}1.txt", LINE)
        write(root / f"{part}.txt", f"data/images/{part}/{part}1.png\n")
    write(root / "data.yaml", "names:\n  0: signature\npath: .\ntest: test.txt\ntrain: train.txt\nval: val.txt\n")


def voc_sets(root: Path) -> None:
    for part in ("train", "val", "test"):
        pictures(root, f"JPEGImages/of_{part}.jpg")
        write(root / f"Annotations/of_{part}.xml", VOC.format(f"of_{part}.jpg"))
        write(root / f"ImageSets/Main/{part}.txt", f"of_{part}\n")
    write(root / "labelmap.txt", "# label:color_rgb:parts:actions\nbackground:0,0,0::\nsignature:128,0,0::\n")


def doclaynet(root: Path) -> None:
    for part in ("train", "val", "test"):
        pictures(root, f"PNG/{part}0.png")
        write(root / f"COCO/{part}.json", coco_of(f"{part}0.png", ((1, "Signature"), (10, "Text")), precedence=0))
        write(root / f"JSON/{part}0.json", {"metadata": {}, "cells": []})


def publaynet(root: Path) -> None:
    for part in ("train", "val", "test"):
        pictures(root, f"{part}/PMC_{part}_00001.jpg")
        write(root / f"{part}.json", coco_of(f"PMC_{part}_00001.jpg"))


def ultralytics_obb(root: Path) -> None:
    for part in ("train", "val", "test"):
        pictures(root, f"images/{part}/{part}1.jpg")
        write(root / f"labels/{part}/{part}1.txt", "0 0.5 0.25 0.75 0.25 0.75 0.5 0.5 0.5\n")
    entries = "train: images/train\nval: images/val\ntest: images/test\n"
    write(root / "own.yaml", f"path: /home/ada/datasets/own\n{entries}names: {{0: signature}}\n")


@pytest.mark.parametrize(
    ("make", "labels"),
    [
        (roboflow_yolo, "yolo"),
        (roboflow_coco, "coco"),
        (darknet, "yolo"),
        (cvat_ultralytics, "yolo"),
        (voc_sets, "voc"),
        (doclaynet, "coco"),
        (publaynet, "coco"),
        (ultralytics_obb, "yolo"),
    ],
)
def test_exports_with_a_split(tmp_path: Path, make: Callable[[Path], None], labels: str):
    make(tmp_path)
    found = read(tmp_path, labels)
    assert list(found.boxes.values()) == [[BOX]] * 3
    assert not found.dataset.dropped
    split = with_split(found.dataset, tmp_path, "auto", "auto", found.names.pictures)
    assert {page.split for page in split.pages} == {"train", "validation", "test"}
    assert all(page.split[:3] in page.name for page in split.pages)


def labelimg(root: Path) -> None:
    pictures(root, "a.png")
    write(root / "a.xml", VOC.format("a.png"))


def makesense(root: Path) -> None:
    pictures(root, "pictures/a.png")
    write(root / "labels_own/a.xml", VOC.format("a.png").replace("><", ">\n\t<"))


def label_studio_yolo(root: Path) -> None:
    pictures(root, "images/1a2b3c4d-scan_1.png")
    write(root / "labels/1a2b3c4d-scan_1.txt", LINE)
    write(root / "classes.txt", "signature\n")
    write(root / "notes.json", {"categories": [{"id": 0, "name": "signature"}], "info": {"year": 2024}})


def label_studio_coco(root: Path) -> None:
    pictures(root, "images/1a2b3c4d-scan_1.png")
    write(root / "result.json", coco_of("images\\1a2b3c4d-scan_1.png"))


def label_studio_voc(root: Path) -> None:
    pictures(root, "images/1a2b3c4d-scan_1.png")
    write(root / "Annotations/1a2b3c4d-scan_1.xml", VOC.format("1a2b3c4d-scan_1"))


def via_coco(root: Path) -> None:
    pictures(root, "a.png")
    write(root / "via.json", coco_of("a.png", image_id="0", segmentation=[20, 15, 30, 15, 30, 30, 20, 30]))


def cvat_coco(root: Path) -> None:
    pictures(root, "images/default/a.png")
    rotation = {"occluded": False, "rotation": 0.0}
    write(root / "annotations/instances_default.json", coco_of("a.png", attributes=rotation, segmentation=[]))


def cvat_yolo(root: Path) -> None:
    pictures(root, "obj_train_data/a.png")
    write(root / "obj_train_data/a.txt", LINE)
    write(root / "obj.names", "signature\n")
    write(root / "obj.data", "classes = 1\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n")
    write(root / "train.txt", "data/obj_train_data/a.png\n")


def cvat_images(root: Path) -> None:
    pictures(root, "images/a.png")
    box = 'label="signature" source="manual" occluded="0" xtl="17.5" ytl="17.5" xbr="32.5" ybr="27.5" rotation="90.0"'
    image = f'<image id="0" name="a.png" width="40" height="60"><box {box} z_order="0"></box></image>'
    meta = "<meta><task><labels><label><name>signature</name></label></labels></task></meta>"
    write(root / "annotations.xml", f"<annotations><version>1.1</version>{meta}{image}</annotations>")


def coco_with_mask(root: Path) -> None:
    pictures(root, "a.png")
    write(root / "a.json", coco_of("a.png", bbox=PIXELS, segmentation={"counts": "abc", "size": [60, 40]}, area=150))


@pytest.mark.parametrize(
    ("make", "labels"),
    [
        (labelimg, "voc"),
        (makesense, "voc"),
        (label_studio_yolo, "yolo"),
        (label_studio_coco, "coco"),
        (label_studio_voc, "voc"),
        (via_coco, "coco"),
        (cvat_coco, "coco"),
        (cvat_yolo, "yolo"),
        (cvat_images, "cvat"),
        (coco_with_mask, "coco"),
    ],
)
def test_exports_of_one_picture(tmp_path: Path, make: Callable[[Path], None], labels: str):
    make(tmp_path)
    found = read(tmp_path, labels)
    assert list(found.boxes.values()) == [[BOX]]
    assert not found.dataset.dropped


SHAPE = {"x": 1, "y": 1, "width": 5, "height": 5, "rectanglelabels": ["signature"], "original_width": 40}


@pytest.mark.fault("labels in forms that are not read: JSON of more tools, tables, lines of JSON, lists", "named")
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", [{"image": "a.png", "id": 1, "label": [SHAPE], "annotator": 1}], "is Label Studio's own JSON"),
        ("a.json", [{"ID": "x", "Labeled Data": "https://a.b/a.png", "Label": {}}], "is Labelbox's JSON"),
        ("annotations/default.json", {"info": {}, "categories": {"label": {}}, "items": []}, "is Datumaro's JSON"),
        ("train/_annotations.csv", "filename,width,height,class,xmin,ymin,xmax,ymax\n", "is a table"),
        ("export.ndjson", '{"data_row":{"external_id":"a.png"}}\n', "export.ndjson holds lines of JSON"),
        ("train/metadata.jsonl", '{"file_name":"a.png","objects":{"bbox":[[20,15,10,15]]}}\n', "holds lines of JSON"),
        (
            "x-export.json",
            {"name": "x", "assets": {"1": {"asset": {"name": "a.png"}, "regions": []}}},
            "is VoTT's JSON",
        ),
        ("via3.json", {"project": {}, "file": {}, "attribute": {}, "metadata": {}}, "is VIA's JSON"),
        ("a.json", [{"file_name": "a.png", "annotations": [{"bbox": [1, 2, 3, 4]}]}], "is Detectron2's JSON"),
        ("labels.XLSX", "PK", "labels.XLSX is a table"),
        ("output.manifest", '{"source-ref": "s3://b/a.png"}', "output.manifest holds lines of JSON"),
        ("labels.zip", "PK", "labels.zip is packed; unpack it first"),
        ("a.json.gz", "x", "a.json.gz is packed; unpack it first"),
        ("page/a.xml", '<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/2019"><Page/></PcGts>', "is PAGE's XML"),
        ("a.xml", "<alto><Layout/></alto>", "a.xml is ALTO's XML"),
        ("imglab.xml", "<dataset><images/></dataset>", "is dlib's XML"),
        ("a.xml", "<report/>", "a.xml is XML of another kind (report)"),
        ("_annotations.txt", "a.png 20,15,30,30,0\n", "_annotations.txt is a list of pictures with boxes behind"),
    ],
)
def test_other_forms_are_named(tmp_path: Path, name: str, content: Any, said: str):
    pictures(tmp_path / "own", "a.png")
    write(tmp_path / "own" / name, content)
    line = refusal(tmp_path / "own")
    assert "1 images in" in line
    assert said in line


def test_a_folder_of_packed_data_is_named(tmp_path: Path):
    write(tmp_path / "own" / "train-00000-of-00001.parquet", "PAR1")
    assert "1 .parquet (train-00000-of-00001.parquet)" in refusal(tmp_path / "own")
