"""Randomly damaged labels, and random labels as tools write them: no box moves, and none disappears unnoticed."""

import json
from pathlib import Path

import numpy as np
import pytest
from fuzzing import damaged, fuzz, NO_OTHER, ROUND
from hypothesis import strategies as st
from labelling import BOX, coco_content, LINE, picture, PIXELS, read, stored_box

LABEL_FILES = {
    "coco": (
        "labels.json",
        (json.dumps(coco_content(["doc0.png", "doc1.jpg"])), json.dumps(coco_content(["doc0.png"], 9))),
    ),
    "yolo": ("doc0.txt", (f"{LINE}\n{LINE} 0.9\n", "0 0.5 0.25 0.75 0.3 0.6 0.5\n", "0 0.6 0.3 0.2 0.2 0.6 0.3 2\n")),
    "voc": (
        "doc1.xml",
        (
            "<annotation><filename>doc1.jpg</filename><size><width>60</width><height>40</height></size><object><name>"
            "signature</name><bndbox><xmin>20</xmin><ymin>15</ymin><xmax>30</xmax><ymax>30</ymax></bndbox></object>"
            "</annotation>",
        ),
    ),
    "cvat": (
        "annotations.xml",
        (
            '<annotations><image name="doc0.png" width="40" height="60"><box label="signature" xtl="20" ytl="15" '
            'xbr="30" ybr="30" rotation="3"/><polygon label="signature" points="1,2;3,4;5,6"/></image></annotations>',
        ),
    ),
    "gedi": (
        "doc1.xml",
        (
            '<GEDI xmlns="http://a.b/GEDI"><DL_DOCUMENT src="doc1.jpg"><DL_PAGE src="doc1.jpg" pageID="1" width="60" '
            'height="40"><DL_ZONE gedi_type="signature" col="20" row="15" width="10" height="15"/><DL_ZONE gedi_type='
            '"Stamp" col="1" row="2" width="3" height="4"/></DL_PAGE></DL_DOCUMENT></GEDI>',
            '<GEDI><DL_DOCUMENT><DL_PAGE src="doc0.png" pageID="1"/><DL_PAGE src="doc1.jpg" pageID="2"><DL_ZONE '
            'col="2" gedi_type="signature" row="3" width="9" height="9"/></DL_PAGE></DL_DOCUMENT></GEDI>',
        ),
    ),
    "data.yaml": (
        "data.yaml",
        ("nc: 1\nnames: [signature]\nkpt_shape: [1, 3]\n", "names:\n  0: signature\n  1: date\n"),
    ),
}


@pytest.mark.fault("files of labels damaged at random: COCO, YOLO, Pascal VOC, CVAT, GEDI, data.yaml", NO_OTHER)
@pytest.mark.parametrize("kind", LABEL_FILES)
def test_labels(seconds: float, tmp_path: Path, kind: str):
    name, texts = LABEL_FILES[kind]
    root = tmp_path / "own"
    picture(root / "doc0.png", 0)
    picture(root / "doc1.jpg", 1, orientation=6)
    if kind == "data.yaml":
        (root / "doc0.txt").write_text(LINE)

    def read_labels(content: bytes) -> None:
        (root / name).write_bytes(content)
        found = read(root, "yolo" if kind == "data.yaml" else kind, ["Stamp:none", "0:signature"])
        for page in found.dataset.pages:
            assert page.boxes.shape == (len(page.labels), 4)
            assert ((page.boxes >= 0) & (page.boxes <= 1)).all()
            assert (page.boxes[:, 2:] > page.boxes[:, :2]).all()

    assert fuzz(read_labels, damaged(tuple(text.encode() for text in texts)), seconds) >= ROUND


@st.composite
def written_oddly(draw: st.DrawFn) -> bytes:
    """COCO's labels of a page as some tool might write them, with the orientation of the picture."""
    orientation = draw(st.integers(1, 8))
    box, size = stored_box(orientation)
    if upright := draw(st.booleans()):
        box, size = tuple(map(float, PIXELS)), (60, 40)
    number = draw(st.sampled_from((float, str, lambda value: str(value).replace(".", ","), round)))
    key = draw(st.sampled_from((int, str, float)))
    values = [number(value) for value in box]
    form = draw(st.sampled_from(("list", "text", "object", "segmentation")))
    x, y, width, height = box
    note = {"id": 1, "image_id": key(7), "category_id": key(3), "iscrowd": draw(st.sampled_from((0, "0", None, False)))}
    if form == "segmentation":
        note["segmentation"] = [[x, y, x + width, y, x + width, y + height, x, y + height]]
    else:
        named = dict(zip(("x", "y", "width", "height"), values, strict=True))
        note["bbox"] = {"list": values, "text": json.dumps(list(box)), "object": named}[form]
    name = draw(
        st.sampled_from(("doc.jpg", "DOC.JPG", "images\\doc.jpg", "file:///C:/a/doc.jpg", "doc.jpg?x=1", "d%6Fc.jpg"))
    )
    image = {"id": 7, "file_name": name, "height": size[0], "width": size[1]}
    content = {"images": [image], "annotations": [note], "categories": [{"id": "3", "name": "signature"}]}
    encoding = draw(st.sampled_from(("utf-8", "utf-8-sig", "utf-16")))
    return json.dumps(
        {"content": content, "orientation": orientation, "encoding": encoding, "upright": upright}
    ).encode()


@pytest.mark.fault(
    "COCO's labels as some tool might write them", "the box is where it was drawn, or refused in one line"
)
def test_odd_coco(seconds: float, tmp_path: Path):
    root = tmp_path / "own"
    root.mkdir()

    def read_labels(made: bytes) -> None:
        drawn = json.loads(made)
        picture(root / "doc.jpg", 0, orientation=drawn["orientation"])
        (root / "labels.json").write_bytes(json.dumps(drawn["content"]).encode(drawn["encoding"]))
        found = read(root, "coco", exif="upright" if drawn["upright"] else "stored")
        assert [np.allclose(page.boxes, [BOX], atol=1e-3) for page in found.dataset.pages] == [True]

    assert fuzz(read_labels, written_oddly(), seconds) >= ROUND
