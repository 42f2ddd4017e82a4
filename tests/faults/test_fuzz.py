"""Files damaged at random: the readers read or refuse them, and never fail in another way. Some seconds, or minutes."""

import io
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, HealthCheck, seed, settings
from hypothesis import strategies as st
from labelling import BOX, coco_content, LINE, picture, PIXELS, read, stored_box
from PIL import Image

from data.errors import UserError
from data.ink import signature_ink
from data.pages.page_records import BadPage, decode_page, parse_page, serialise_page
from data.pages.tf_examples import BrokenRecord, read_record, record_offsets, write_records
from data.pictures.reading import BadScan, MAX_PIXELS, read_scan

QUICK_SECONDS, THOROUGH_SECONDS = 5, 300
SLOWEST_SECONDS = 10
ROUND = 200

PAGE = np.full((60, 80), 250, np.uint8)
PAGE[20:30, 10:70] = 20


def encoded(kind: str, mode: str = "L", **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PAGE).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


PICTURES = (
    encoded("PNG"),
    encoded("PNG", "P"),
    encoded("PNG", "RGBA"),
    encoded("PNG", "1"),
    encoded("JPEG"),
    encoded("JPEG", "CMYK", progressive=True),
    encoded("TIFF"),
    encoded("TIFF", "1", compression="group4"),
    encoded("TIFF", "RGB", compression="tiff_lzw"),
    encoded("TIFF", "RGB", compression="jpeg"),
    encoded("BMP"),
    encoded("GIF", "P"),
    encoded("WEBP", "RGB"),
    encoded("PPM"),
    encoded("TGA"),
    encoded("JPEG2000"),
    encoded("ICO"),
)
BOXES = np.array([[0.1, 0.1, 0.3, 0.5], [0.4, 0.2, 0.8, 0.9]], np.float32)
RECORD = serialise_page("page", PAGE, BOXES, np.array([1, 3]))


@st.composite
def damaged(draw: st.DrawFn, originals: tuple[bytes, ...]) -> bytes:
    """One of some files with bits flipped, bytes put over others, parts cut out, repeated, inserted or swapped in."""
    content = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 64))
        match draw(st.sampled_from(("flip", "write", "extreme", "cut", "end", "repeat", "insert", "splice"))):
            case "flip" if start < len(content):
                content[start] ^= 1 << draw(st.integers(0, 7))
            case "write":
                content[start : start + length] = draw(st.binary(min_size=length, max_size=length))
            case "extreme":
                value = draw(st.sampled_from((b"\0", b"\xff", b"\x7f", b"\x80")))
                width = draw(st.sampled_from((1, 2, 4, 8)))
                content[start : start + width] = value * width
            case "cut":
                del content[start : start + length]
            case "end":
                del content[start:]
            case "repeat":
                content[start:start] = content[start : start + length] * draw(st.integers(1, 50))
            case "insert":
                content[start:start] = draw(st.binary(max_size=64))
            case "splice":
                other = draw(st.sampled_from(originals))
                content[start:] = other[min(start, len(other)) :]
    return bytes(content)


def fuzz(read: Callable[[bytes], None], files: st.SearchStrategy, seconds: float) -> int:
    """Tries files until the time is over; a failure is shrunk to the simplest file that fails. Returns how many."""
    tried = 0

    def timed(content: bytes) -> None:
        nonlocal tried
        tried += 1
        started = time.monotonic()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                read(content)
                reason = "none"
            except (BadScan, BadPage, BrokenRecord, UserError) as error:
                reason = str(error)
        assert reason
        assert "\n" not in reason
        assert time.monotonic() - started < SLOWEST_SECONDS

    deadline, round_number = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        one_round = settings(
            max_examples=ROUND, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False
        )(given(files)(timed))
        seed(round_number)(one_round)()
        round_number += 1
    return tried


@pytest.fixture
def seconds(request: pytest.FixtureRequest) -> float:
    return THOROUGH_SECONDS if request.config.getoption("--moments") else QUICK_SECONDS


NO_OTHER = "read, or refused in one line; never another error, a warning, or more than some seconds"


@pytest.mark.fault("picture files damaged at random, five minutes long", NO_OTHER)
def test_pictures(seconds: float):
    def read(content: bytes) -> None:
        scan = read_scan(content)
        assert (scan.dtype, scan.ndim) == (np.uint8, 2)
        assert 0 < scan.size <= MAX_PIXELS
        assert signature_ink(scan).shape == scan.shape

    assert fuzz(read, damaged(PICTURES), seconds) >= ROUND


@pytest.mark.fault("records damaged at random, their sums made to fit, five minutes long", NO_OTHER)
def test_records(seconds: float):
    def read(content: bytes) -> None:
        record = parse_page(content)
        assert record.boxes.shape == (len(record.labels), 4)
        assert ((record.boxes >= 0) & (record.boxes <= 1)).all()
        assert decode_page(record).dtype == np.uint8

    assert fuzz(read, damaged((RECORD,)), seconds) >= ROUND


@pytest.mark.fault("shards damaged at random, five minutes long", "every whole record is read, no damaged one is")
def test_shards(seconds: float, tmp_path: Path):
    shard = tmp_path / "train-0"
    write_records(shard, [RECORD, RECORD])
    whole = shard.read_bytes()

    def read(content: bytes) -> None:
        shard.write_bytes(content)
        for offset in record_offsets(shard)[0]:
            assert read_record(shard, offset) == RECORD

    assert fuzz(read, damaged((whole,)), seconds) >= ROUND


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
    "data.yaml": (
        "data.yaml",
        ("nc: 1\nnames: [signature]\nkpt_shape: [1, 3]\n", "names:\n  0: signature\n  1: date\n"),
    ),
}


@pytest.mark.fault("files of labels damaged at random: COCO, YOLO, Pascal VOC, CVAT, data.yaml", NO_OTHER)
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
