"""Inputs beside the repository on which earlier versions read labels wrongly; skipped if they are missing."""

from pathlib import Path

import numpy as np
import pytest
from labelling import own_pages
from programs import REPOSITORY

from data.errors import UserError
from data.labels.split_report import read_report
from data.pages.page_records import find_shards, parse_page
from data.pages.tf_examples import read_record, record_offsets

CASES = REPOSITORY.parent / "shared" / "cases" / "data"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="needs ../shared/cases/data")

REFUSED = {
    "class-names-not-pasteable": r"Signature \(wet\), firma, paraph, .*: unknown class",
    "coco-and-yolo": "labels of 2 formats",
    "coco-broken-categories": r"not COCO's form \(categories",
    "coco-duplicate-image-ids": "the image id 1 stands for doc0x.png and for doc3x.png",
    "coco-duplicate-names": "6 of 8 pages cannot be used .*several times",
    "cvat-mask-iscrowd": "6 of 8 pages cannot be used .*iscrowd",
    "own-predictions-inside": "labels of 2 formats",
    "tfrecord-labelmap-stamp-signature": "stamp: unknown class",
    "tiff-multipage-yolo": "it holds 2 pages, and its labels do not say which",
    "two-classes-txt": "two lists of class names differ",
    "two-exports-side-by-side": "doc0x.png is labelled in result.json and result_old.json",
    "yolo-duplicate-names": "one label file for 2 pictures",
}
READ = {
    "coco-captions-beside": 6,
    "coco-case-differs": 6,
    "coco-iscrowd-text": 4,
    "coco-normalised-bbox": 4,
    "coco-strings": 4,
    "coco-unlisted-pictures": 3,
    "exif-coco-labelstudio-swapped": 6,
    "exif-coco-raw": 6,
    "exif-coco-raw-180": 4,
    "ls-backslash": 6,
    "ls-url-encoded": 6,
    "ls-yolo-url-encoded": 8,
    "tfrecord-roboflow-layout": 5,
    "yolo-float-class": 6,
    "yolo-over-edge": 6,
    "yolo-uppercase-folders": 4,
    "yolo-uppercase-txt": 8,
    "yolo-utf16": 6,
}
"""Pages, each with a box."""

BY_OPTION = {
    ("cvat-mask-iscrowd", "crowds", True): 8,
    ("exif-yolo-raw-labelimg", "exif", "stored"): 6,
    ("own-predictions-inside", "labels", "yolo"): 6,
}

UPRIGHT = (
    (292, 477, 102, 40),
    (249, 355, 144, 42),
    (252, 427, 126, 37),
    (210, 407, 107, 33),
    (71, 380, 133, 30),
    (313, 553, 115, 31),
)
"""x, y, width, height in pixels of the signatures on the photographs, 480x640 upright."""


def shards(name: str, tmp_path: Path, **options: object) -> Path:
    return own_pages(CASES / name, **options | {"cache_dir": str(tmp_path)}).shards_root()


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, tmp_path: Path):
    with pytest.raises(UserError, match=REFUSED[name]):
        shards(name, tmp_path)


@pytest.mark.parametrize("name", READ)
def test_read(name: str, tmp_path: Path):
    report = read_report(shards(name, tmp_path))
    assert (report["pages"], report["boxes"], report["dropped"]) == (READ[name], READ[name], {})


@pytest.mark.parametrize(("name", "option", "value"), BY_OPTION)
def test_read_by_an_option(name: str, option: str, value: object, tmp_path: Path):
    report = read_report(shards(name, tmp_path, **{option: value}))
    assert report["pages"] == BY_OPTION[name, option, value]


@pytest.mark.parametrize(
    ("name", "exif"),
    [
        ("exif-coco-labelstudio-swapped", "auto"),
        ("exif-coco-raw", "auto"),
        ("exif-coco-raw-180", "auto"),
        ("exif-yolo-raw-labelimg", "stored"),
    ],
)
def test_boxes_of_photographs(name: str, exif: str, tmp_path: Path):
    root = shards(name, tmp_path, exif=exif)
    for part in ("train", "validation"):
        for shard in find_shards(root, part):
            for offset in record_offsets(shard)[0]:
                page = parse_page(read_record(shard, offset))
                x, y, width, height = UPRIGHT[int(page.name[4])]
                expected = [[y / 640, x / 480, (y + height) / 640, (x + width) / 480]]
                np.testing.assert_allclose(page.boxes, expected, atol=0.002)
