"""Boxes found in files: drawn, and written as COCO's JSON, with a detector that finds what is black."""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from pycocotools.coco import COCO

from models.detector.drawing import COLOURS
from models.detector.evaluation import find_boxes
from models.detector.prediction import find_in_files
from models.task import FileResult


def finds_what_is_black(page: tf.Tensor) -> dict[str, tf.Tensor]:
    """Three boxes: around the black, of score 0.8 and class 2; the same at 0.3 and class 1; filling."""
    assert page.dtype == tf.uint8
    assert page.shape[0] == 1
    assert page.shape[3] == 3
    rows, columns = np.nonzero((page.numpy()[0] < 50).all(axis=2))
    height, width = page.shape[1:3]
    box = [rows.min() / height, columns.min() / width, (rows.max() + 1) / height, (columns.max() + 1) / width]
    return {
        "detection_boxes": tf.constant([[box, box, [0, 0, 0, 0]]], tf.float32),
        "detection_classes": tf.constant([[2.0, 1.0, 0.0]]),
        "detection_scores": tf.constant([[0.8, 0.3, 0.0]]),
        "num_detections": tf.constant(3.0),
    }


def scan(top: int, left: int) -> Image.Image:
    pixels = np.full((300, 200), 255, np.uint8)
    pixels[top : top + 50, left : left + 80] = 0
    return Image.fromarray(pixels)


def find(folder: Path, *names: str, score: float = 0.22) -> list[tuple[Path, Path | None, str]]:
    return list(find_in_files(finds_what_is_black, [folder / name for name in names], folder / "out", score))


def test_boxes_come_in_pixels_best_first():
    boxes, labels, scores = find_boxes(finds_what_is_black, np.asarray(scan(100, 60)))
    np.testing.assert_allclose(boxes[0], (100, 60, 150, 140), atol=1e-3)
    assert labels.tolist() == [2, 1, 0]
    assert scores.tolist() == pytest.approx([0.8, 0.3, 0.0])
    colours = np.repeat(np.asarray(scan(10, 20))[..., None], 3, axis=-1)
    np.testing.assert_allclose(find_boxes(finds_what_is_black, colours)[0][0], (10, 20, 60, 100), atol=1e-3)


def test_pictures_are_drawn_where_boxes_are(tmp_path: Path):
    scan(100, 60).save(tmp_path / "a.png")
    (result,) = find(tmp_path, "a.png", score=0.5)
    assert result == FileResult(tmp_path / "a.png", tmp_path / "out/a_found.png", "1 initials")
    with Image.open(tmp_path / "out/a_found.png") as shown:
        pixels = np.asarray(shown)
    assert pixels.shape == (300, 200, 3)
    for row, column in ((100, 100), (150, 100), (125, 60), (125, 140)):
        assert tuple(pixels[row, column]) == COLOURS[1]


def test_boxes_json_is_coco(tmp_path: Path):
    scan(100, 60).save(tmp_path / "a.png")
    scan(10, 20).save(tmp_path / "lease.pdf", "PDF", save_all=True, append_images=[scan(200, 100)], resolution=200)
    find(tmp_path, "a.png", "lease.pdf")
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(tmp_path / "out/boxes.json"))
    assert [image["file_name"] for image in coco.loadImgs([1, 2, 3])] == ["a.png", "lease.pdf_page1", "lease.pdf_page2"]
    assert [category["name"] for category in coco.loadCats([1, 2, 3, 4])] == [
        "signature",
        "initials",
        "redaction",
        "date",
    ]
    assert {(image["height"], image["width"]) for image in coco.imgs.values()} == {(300, 200)}
    for image, box in ((1, (60, 100)), (2, (20, 10)), (3, (100, 200))):
        found = coco.loadAnns(coco.getAnnIds(imgIds=image))
        assert [(entry["category_id"], entry["score"]) for entry in found] == [(2, 0.8), (1, 0.3)]
        np.testing.assert_allclose(found[0]["bbox"], (*box, 80, 50), atol=2)
        assert found[0]["area"] == pytest.approx(np.prod(found[0]["bbox"][2:]), abs=0.1)


@pytest.mark.parametrize(("score", "said"), [(0.22, "1 signature, 1 initials"), (0.5, "1 initials"), (0.9, "nothing")])
def test_boxes_below_the_score_are_neither_drawn_nor_written(tmp_path: Path, score: float, said: str):
    scan(100, 60).save(tmp_path / "a.png")
    assert find(tmp_path, "a.png", score=score)[0].text == said
    content = json.loads((tmp_path / "out/boxes.json").read_text())
    assert len(content["annotations"]) == sum(score <= found for found in (0.8, 0.3))
    with Image.open(tmp_path / "out/a_found.png") as shown:
        coloured = (np.ptp(np.asarray(shown), axis=2) > 0).any()
    assert coloured == (score < 0.8)


def test_an_unreadable_file_yields_its_reason_and_the_others_are_done(tmp_path: Path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "broken.pdf").write_bytes(b"no document")
    scan(100, 60).save(tmp_path / "good.png")
    results = find(tmp_path, "broken.pdf", "broken.png", "good.png")
    assert [result.output for result in results] == [None, None, tmp_path / "out/good_found.png"]
    assert "not a readable PDF" in results[0].text
    assert "not a readable image" in results[1].text
    assert len(json.loads((tmp_path / "out/boxes.json").read_text())["images"]) == 1


@pytest.mark.parametrize(
    "names", [("a.bmp", "a.png", "a.tif"), ("a_2.png", "a.bmp", "a.png"), ("a_1.png", "a.bmp", "a.png", "a_2.png")]
)
def test_files_of_one_name_do_not_overwrite_each_other(tmp_path: Path, names: tuple[str, ...]):
    for number, name in enumerate(names):
        scan(20 * number, 10).save(tmp_path / name)
    pictures = [result.output for result in find(tmp_path, *names)]
    assert len(set(pictures)) == len(names)
    assert len(list((tmp_path / "out").glob("*_found.png"))) == len(names)


def test_every_page_of_a_pdf_is_drawn_and_counted(tmp_path: Path):
    scan(10, 20).save(tmp_path / "lease.pdf", "PDF", save_all=True, append_images=[scan(200, 100)])
    (result,) = find(tmp_path, "lease.pdf")
    assert result.text == "2 signatures, 2 initials"
    assert result.output == tmp_path / "out/lease_page2_found.png"
    assert (tmp_path / "out/lease_page1_found.png").is_file()


def test_a_photograph_is_searched_upright(tmp_path: Path):
    upright, exif = scan(100, 60), Image.Exif()
    exif[0x0112] = 6
    upright.save(tmp_path / "upright.png")
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "photo.jpg", exif=exif, quality=100)
    find(tmp_path, "upright.png", "photo.jpg")
    content = json.loads((tmp_path / "out/boxes.json").read_text())
    assert [(image["height"], image["width"]) for image in content["images"]] == [(300, 200)] * 2
    boxes = [entry["bbox"] for entry in content["annotations"]]
    np.testing.assert_allclose(boxes[:2], boxes[2:], atol=2)


def test_blank_pages_are_named_and_the_others_searched(tmp_path: Path):
    white = Image.new("L", (200, 300), 255)
    white.save(tmp_path / "white.png")
    scan(10, 20).save(
        tmp_path / "duplex.tif", save_all=True, append_images=[white.copy(), scan(200, 100), white.copy()]
    )
    blank, duplex = find(tmp_path, "white.png", "duplex.tif")
    assert (blank.output, blank.text) == (None, "it is blank: every pixel has the same grey value")
    assert duplex.text == "2 signatures, 2 initials; blank: pages 2, 4"
    assert duplex.output == tmp_path / "out/duplex_page3_found.png"
