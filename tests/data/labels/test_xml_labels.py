"""Pascal VOC's and CVAT's XML."""

from pathlib import Path

import pytest
from labelling import BOX, own_pages, picture, read, voc

from data.errors import UserError
from data.labels.split_report import read_report


@pytest.mark.fault("Pascal VOC's XML, as labelImg writes it by default", "read")
@pytest.mark.parametrize(
    ("image", "labels", "filename"),
    [
        ("a.png", "a.xml", "a.png"),
        ("a.png", "a.xml", "a"),
        ("a.png", "a.xml", "C:\\scans\\A.PNG"),
        ("a.png", "a.xml", "renamed_since.png"),
        ("JPEGImages/a.png", "Annotations/a.xml", "a.png"),
        ("images/train/a.png", "annotations/train/a.xml", "a.png"),
        ("a 1.png", "a%201.xml", "a%201.png"),
    ],
)
def test_voc(tmp_path: Path, image: str, labels: str, filename: str):
    picture(tmp_path / image)
    voc(tmp_path / labels, ("signature", 20, 15, 30, 30), filename=filename)
    assert read(tmp_path, "voc").boxes == {image: [BOX]}


def test_voc_as_a_dataset(tmp_path: Path):
    for number in range(4):
        picture(tmp_path / "own" / f"{number}.png", number)
        boxes = [("Signature", 20.0, 15.0, 30.0, 30.0), ("stamp", 1, 1, 9, 9)] if number else []
        voc(tmp_path / "own" / f"{number}.xml", *boxes)
    (tmp_path / "own" / "pom.xml").write_text("<project/>")
    report = read_report(own_pages(tmp_path / "own", classes=["stamp:none"]).shards_root())
    assert (report["pages"], report["boxes"], report["dropped"]) == (4, 3, {})


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ("<bndbox><xmax>20</xmax><ymax>15</ymax><xmin>30</xmin><ymin>30</ymin></bndbox>", [BOX]),
        ("<polygon><x1>20</x1><y1>15</y1><x2>30</x2><y2>15</y2><x3>30</x3><y3>30</y3></polygon>", [BOX]),
        ("<polygon><x1>20</x1><y1>15</y1><x2>30</x2><y2>30</y2></polygon>", [BOX]),
        ("<bndbox><xmin>0.5</xmin><ymin>0.25</ymin><xmax>0.75</xmax><ymax>0.5</ymax></bndbox>", [BOX]),
    ],
)
def test_forms_of_voc_boxes(tmp_path: Path, box: str, expected: list[tuple[float, ...]]):
    picture(tmp_path / "a.png")
    size = "<size><width>40</width><height>60</height></size>"
    item = f"<object><name>signature</name><part><name>x</name></part>{box}</object>"
    (tmp_path / "a.xml").write_bytes(f"<annotation>{size}{item}</annotation>".encode("utf-16"))
    assert read(tmp_path, "voc").boxes == {"a.png": expected}


@pytest.mark.fault("Pascal VOC: boxes that CVAT turned, boxes as per cent of the page", "read as it is meant")
def test_voc_boxes_that_cvat_turned(tmp_path: Path):
    for number, (degrees, corners) in enumerate({"90.0": (17.5, 17.5, 32.5, 27.5), "0.0": (20, 15, 30, 30)}.items()):
        picture(tmp_path / f"a{number}.png", number)
        values = zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True)
        box = "".join(f"<{name}>{value}</{name}>" for name, value in values)
        turned = f"<attributes><attribute><name>rotation</name><value>{degrees}</value></attribute></attributes>"
        item = f"<object><name>signature</name><bndbox>{box}</bndbox>{turned}</object>"
        (tmp_path / f"a{number}.xml").write_text(f"<annotation>{item}</annotation>")
    assert read(tmp_path, "voc").boxes == {"a0.png": [BOX], "a1.png": [BOX]}


def test_bare_ampersands_in_xml(tmp_path: Path):
    for number in range(2):
        picture(tmp_path / f"A & B {number}.png", number)
        voc(tmp_path / f"A & B {number}.xml", ("signature", 20, 15, 30, 30))
    assert read(tmp_path, "voc").boxes == {"A & B 0.png": [BOX], "A & B 1.png": [BOX]}


def test_voc_boxes_as_per_cent(tmp_path: Path):
    for number in range(3):
        picture(tmp_path / f"a{number}.png", number)
        size = "<size><width>1000</width><height>1500</height></size>"
        voc(tmp_path / f"a{number}.xml", ("signature", 50, 25, 75, 50), size=size)
    found = read(tmp_path, "voc")
    assert found.boxes == {f"a{number}.png": [BOX] for number in range(3)}
    assert "per cent of the page" in found.notes


@pytest.mark.fault(
    "Pascal VOC: objects without a box, a file that means two pictures, entities", "named, never a traceback"
)
def test_broken_voc(tmp_path: Path):
    for number in range(4):
        picture(tmp_path / f"{number}.png", number)
    voc(tmp_path / "0.xml", ("signature", 20, 15, 30, 30))
    (tmp_path / "1.xml").write_text("<annotation><object><name>signature</name></object></annotation>")
    voc(tmp_path / "2.xml", ("signature", 20, 15, 30, 30), filename="3.png")
    (tmp_path / "3.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><annotation>&b;</annotation>')
    found = read(tmp_path, "voc")
    assert found.boxes == {"0.png": [BOX]}
    assert "without a bndbox" in found.reasons["1.png, 1.xml object 1"]
    assert "mean two pictures" in found.reasons["2.xml"]
    assert found.reasons["3.png"] == "its label file is cut or broken"
    text = (tmp_path / "0.xml").read_text()
    (tmp_path / "0.xml").write_text(text[: len(text) // 2])
    with pytest.raises(UserError, match=r"no box in .* can be used; 0\.png: its label file is cut or broken"):
        read(tmp_path, "voc")


CVAT = """<?xml version="1.0" encoding="utf-8"?><annotations><version>1.1</version>
<image id="0" name="batch/0.png" width="40" height="60">
  <box label="signature" source="manual" occluded="0" xtl="20.0" ytl="15.0" xbr="30.0" ybr="30.0" z_order="0"/>
  <tag label="page"/>
</image>
<image id="1" name="1.png" width="40" height="60">
  <polygon label="signature" points="20.0,15.0;30.0,15.0;30.0,30.0"/>
  <mask label="signature" rle="1,2" left="0" top="0" width="4" height="6"/>
  <box label="signature" xtl="17.5" ytl="17.5" xbr="32.5" ybr="27.5" rotation="90"/>
</image>
<image id="2" name="2.png" width="40" height="60"/>
<image id="3" name="3.png" width="40" height="60"><points label="signature" points="20.0,15.0"/></image>
</annotations>"""


@pytest.mark.fault(
    "CVAT's XML for images: boxes, turned boxes, polygons, masks", "read; a shape without a box is named"
)
def test_cvat(tmp_path: Path):
    for number in range(4):
        picture(tmp_path / "images" / f"{number}.png", number)
    (tmp_path / "annotations.xml").write_text(CVAT)
    found = read(tmp_path, "cvat")
    assert found.boxes == {
        "images/0.png": [BOX],
        "images/1.png": [BOX, (0.0, 0.0, 0.1, 0.1)],
        "images/2.png": [],
    }
    assert found.reasons["images/1.png"] == "a box that is listed twice on its page"
    assert "a points that gives no box" in found.reasons["images/3.png, annotations.xml 3.png points 1"]


def test_cvat_for_videos_is_refused(tmp_path: Path):
    picture(tmp_path / "own" / "0.png")
    (tmp_path / "own" / "a.xml").write_text("<annotations><track id='0' label='signature'/></annotations>")
    with pytest.raises(UserError, match="CVAT's form for videos"):
        own_pages(tmp_path / "own").shards_root()


OBJECT = "<object><name>signature</name>{}</object>"
BNDBOX = "<bndbox><xmin>20</xmin><ymin>15</ymin><xmax>30</xmax><ymax>30</ymax></bndbox>"


@pytest.mark.fault("Pascal VOC with a namespace, in capitals, or with the shapes of roLabelImg and LabelMe", "read")
@pytest.mark.parametrize(
    "text",
    [
        f'<annotation xmlns="http://a.b/voc">{OBJECT.format(BNDBOX)}</annotation>',
        f'<v:annotation xmlns:v="http://a.b/voc">{OBJECT.format(BNDBOX)}</v:annotation>',
        "<Annotation><Object><Name>signature</Name><BndBox><XMin>20</XMin><YMin>15</YMin><XMax>30</XMax><YMax>30</YMax>"
        "</BndBox></Object></Annotation>",
        "<annotation>"
        + OBJECT.format("<robndbox><cx>25</cx><cy>22.5</cy><w>15</w><h>10</h><angle>1.5707963</angle></robndbox>")
        + "</annotation>",
        "<annotation>"
        + OBJECT.format(
            "<deleted>0</deleted><polygon><pt><x>20</x><y>15</y></pt><pt><x>30</x><y>20</y></pt>"
            "<pt><x>25</x><y>30</y></pt></polygon>"
        )
        + OBJECT.format(f"<deleted>1</deleted>{BNDBOX.replace('20', '1')}")
        + "</annotation>",
    ],
)
def test_other_ways_to_write_voc(tmp_path: Path, text: str):
    picture(tmp_path / "a.png")
    (tmp_path / "a.xml").write_text(text)
    assert read(tmp_path, "voc").boxes == {"a.png": [BOX]}


IMAGE = '<image name="{}" width="40" height="60"{}>{}</image>'
SHAPE = '<box label="signature" xtl="20" ytl="15" xbr="30" ybr="30"/>'


def cvat(root: Path, *images: str) -> Path:
    for number in range(len(images)):
        picture(root / f"images/{number}.png", number)
    (root / "annotations.xml").write_text(f"<annotations>{''.join(images)}</annotations>")
    return root


def test_the_subsets_of_cvat_are_a_split(tmp_path: Path):
    subsets = ("Train", "Train", "Validation", "Test")
    images = [IMAGE.format(f"{n}.png", f' subset="{subset}"', SHAPE) for n, subset in enumerate(subsets)]
    found = read(cvat(tmp_path, *images), "cvat")
    assert [page.split for page in found.dataset.pages] == ["train", "train", "validation", "test"]


def test_the_subset_of_a_task_of_cvat_is_a_part(tmp_path: Path):
    tasks = {"1": "Train", "2": "Test"}
    for task, subset in tasks.items():
        meta = f"<meta><task><id>7</id><subset>{subset}</subset></task></meta>"
        cvat(tmp_path / task, meta, IMAGE.format("1.png", "", SHAPE))
    found = read(tmp_path, "cvat")
    assert {name: page.split for name, page in found.pages.items()} == {
        f"{task}/images/1.png": subset.lower() for task, subset in tasks.items()
    }


@pytest.mark.fault(
    "CVAT: a tag that says `signature` of a picture, and no box", "named; the page does not become empty"
)
def test_a_tag_without_a_box(tmp_path: Path):
    tag = '<tag label="signature"/>'
    images = (IMAGE.format("0.png", "", tag), IMAGE.format("1.png", "", tag + SHAPE), IMAGE.format("2.png", "", ""))
    found = read(cvat(tmp_path, *images), "cvat")
    assert found.boxes == {"images/1.png": [BOX], "images/2.png": []}
    assert "a tag, signature" in found.reasons["images/0.png, annotations.xml 0.png"]


def test_an_object_without_content_says_that_there_is_none(tmp_path: Path):
    for number in range(2):
        picture(tmp_path / f"{number}.png", number)
    voc(tmp_path / "0.xml", ("signature", 20, 15, 30, 30))
    (tmp_path / "1.xml").write_text("<annotation><object> </object></annotation>")
    assert read(tmp_path, "voc").boxes == {"0.png": [BOX], "1.png": []}
