"""Folders of pages that an augmentation tool tilted together with their boxes."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
from labelling import read
from PIL import Image

from data.drawn_pages import draw_page
from data.labelled_pages import LabelledDataset
from data.labels.page_building import BuildOptions
from data.labels.page_conversion import write_shards
from data.labels.page_folders import folder_shards
from data.labels.split_report import read_report, split_lines
from data.labels.tilted_pages import AUTO, box_before, LABELLED, straighten, TURNED
from data.pages.page_records import decode_page, find_shards, parse_page
from data.pages.tf_examples import read_record, record_offsets
from data.splits.given_split import with_split

SIGNATURE = 1


def turn(page: np.ndarray, boxes: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """The page turned about its middle, and the boxes around the turned corners of its boxes, in pixels."""
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    moved = []
    for ymin, xmin, ymax, xmax in boxes:
        corners = np.array([(x, y, 1) for x in (xmin, xmax) for y in (ymin, ymax)]) @ matrix.T
        moved.append([*corners.min(axis=0)[::-1], *corners.max(axis=0)[::-1]])
    return cv2.warpAffine(page, matrix, (width, height)), np.array(moved)


@pytest.mark.parametrize("degrees", [0.0, 3.0, -12.0, 25.0])
def test_a_box_is_that_from_before_the_page_was_turned(degrees: float):
    box, page = np.array([100.0, 100.0, 150.0, 320.0]), np.zeros((400, 500), np.uint8)
    _, (around,) = turn(page, box[None], degrees)
    # a page whose lines rise from left to right has a negative tilt, and is turned back by it
    np.testing.assert_allclose(box_before(around, -degrees, page.shape), box, atol=1e-6)


def test_a_box_that_no_turned_one_fits_into_keeps_its_size():
    box = np.array([0.0, 0.0, 10.0, 200.0])  # a line along the page
    before = box_before(box, 20.0, (400, 500))
    np.testing.assert_allclose(before[2:] - before[:2], [10, 200])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scans in three versions each, tilted by 0, 7 and -9 degrees, and a single tilted page."""
    root, rng = tmp_path_factory.mktemp("multiplied"), np.random.default_rng(0)
    numbers = [number for number in range(40) if SIGNATURE in draw_page(5, number).labels][:4]
    for count, number in enumerate(numbers):
        page = draw_page(5, number)
        boxes = (page.boxes * np.tile(page.pixels.shape, 2))[page.labels == SIGNATURE][:1]
        for degrees in (0.0, 7.0, -9.0) if count < 2 else (8.0,):
            pixels, moved = turn(page.pixels, boxes, degrees)
            stem = f"scan{count}_png.rf.{rng.bytes(16).hex()}" if count < 2 else f"photograph{count}"
            part = root / ("valid" if count == 3 else "train")
            for folder in ("images", "labels"):
                (part / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(part / "images" / f"{stem}.png")
            ymin, xmin, ymax, xmax = moved[0] / np.tile(pixels.shape, 2)
            line = f"0 {(xmin + xmax) / 2} {(ymin + ymax) / 2} {xmax - xmin} {ymax - ymin}"
            (part / "labels" / f"{stem}.txt").write_text(line)
    (root / "data.yaml").write_text("train: train/images\nval: valid/images\nnc: 1\nnames: ['signature']\n")
    return root


def dataset_of(root: Path) -> LabelledDataset:
    found = read(root, "yolo")
    return with_split(found.dataset, root, "auto", "auto", found.names.pictures)


def areas(dataset: LabelledDataset) -> dict[str, float]:
    return {page.name: float(np.prod(page.boxes[:, 2:] - page.boxes[:, :2], axis=1).sum()) for page in dataset.pages}


@pytest.mark.parametrize(("tilted", "changed"), [(LABELLED, 0), (AUTO, 4), (TURNED, 6)])
def test_only_pages_that_were_tilted_afterwards_change(root: Path, tilted: str, changed: int):
    before = dataset_of(root)
    after = straighten(before, tilted)
    assert sum(page.tilt != 0 for page in after.pages) == changed
    old, new = areas(before), areas(after)
    assert sum(new[name] != old[name] for name in old) == changed
    assert all(new[name] <= old[name] + 1e-6 for name in old)
    notes = [text for label, text in after.notes if label == "tilted"]
    assert [text.split()[0] for text in notes] == ([str(changed)] if changed else [])


@pytest.mark.parametrize(
    "names", [("scan.png", "scan - Copy.png"), ("scan.png", "scan (1).png"), ("a_page1.png", "a_page2.png")]
)
def test_copies_and_other_scans_were_labelled_as_they_are(root: Path, names: tuple[str, str]):
    tilted = next(page for page in dataset_of(root).pages if "photograph2" in page.name)
    pages = [dataclasses.replace(tilted, name=name, split="train") for name in names]
    assert straighten(LabelledDataset(pages), AUTO).pages == pages
    assert straighten(LabelledDataset(pages), TURNED).pages != pages


def test_a_picture_that_is_not_there_or_cannot_be_read_keeps_its_boxes(root: Path, tmp_path: Path):
    page = dataset_of(root).pages[0]
    (tmp_path / "broken.png").write_bytes(b"no picture")
    pages = [dataclasses.replace(page, path=path) for path in (None, tmp_path / "gone.png", tmp_path / "broken.png")]
    assert straighten(LabelledDataset(pages), TURNED).pages == pages


def test_versions_of_a_scan_have_the_boxes_of_the_scan_again(root: Path):
    pages = straighten(dataset_of(root), AUTO).pages
    for count in (0, 1):
        (scan,) = (page for page in pages if f"scan{count}_" in page.name and not page.tilt)
        for page in pages:
            if f"scan{count}_" in page.name:
                height, width = (scan.boxes[0, 2:] - scan.boxes[0, :2]).tolist()
                np.testing.assert_allclose(page.boxes[0], scan.boxes[0], atol=0.1 * min(height, width))


def test_the_page_is_turned_back_under_its_boxes(root: Path, tmp_path: Path):
    pages = straighten(dataset_of(root), AUTO).pages
    write_shards(tmp_path, [dataclasses.replace(page, split="train") for page in pages if "scan0_" in page.name])
    (shard,) = find_shards(tmp_path, "train")
    contents = [read_record(shard, offset) for offset in record_offsets(shard)[0]]
    records = [parse_page(content) for content in contents]
    cuts = []
    for record in records:
        pixels, (box,) = decode_page(record), record.boxes
        ymin, xmin, ymax, xmax = np.rint(box * np.tile(pixels.shape, 2)).astype(int)
        cuts.append(cv2.resize(pixels[ymin:ymax, xmin:xmax], (120, 40), interpolation=cv2.INTER_AREA).astype(float))
    for cut in cuts[1:]:
        assert np.corrcoef(cuts[0].ravel(), cut.ravel())[0, 1] > 0.7


def test_a_page_that_was_not_turned_about_its_middle_stays(root: Path):
    tilted = next(page for page in dataset_of(root).pages if "photograph2" in page.name)
    corner = dataclasses.replace(tilted, boxes=np.array([[0.0, 0.9, 0.02, 1.0], [0.98, 0.0, 1.0, 0.1]], np.float32))
    assert straighten(LabelledDataset([corner]), TURNED).pages == [corner]


def test_the_shards_of_a_folder_follow_the_option_and_every_mode_says_so(root: Path, tmp_path: Path):
    said = {}

    def shards(tilted: str) -> list[bytes]:
        options = BuildOptions([], "skip", "auto")
        how = {"labels": "auto", "options": options, "crowds": False, "split": "auto", "documents": "auto"}
        how |= {"held_out": 0.2, "test": 0.0, "max_bad_fraction": 0.0}
        folder = folder_shards(root, tmp_path, tilted=tilted, **how)
        report = read_report(folder)
        assert report
        said[tilted] = [text for label, text in split_lines(report) if label == "tilted"]
        return [shard.read_bytes() for shard in find_shards(folder, "train")]

    assert shards(AUTO) != shards(LABELLED)
    assert shards(AUTO) == shards(AUTO)
    assert (len(said[AUTO]), said[LABELLED]) == (1, [])
