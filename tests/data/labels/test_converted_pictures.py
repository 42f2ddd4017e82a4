"""Pictures of every kind as records: TensorFlow and this project read the page as it is shown."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.labelled_pages import LabelledPage
from data.labels.page_conversion import check_pages, write_shards
from data.pages.page_records import decode_page, parse_page, serialise_encoded_page, upright_boxes
from data.pages.tf_examples import read_record, record_offsets
from data.pictures.document_pages import read_page
from data.pictures.orientation import turn_boxes, turn_pixels

PAGE = np.full((60, 40), 250, np.uint8)
PAGE[10:20, 5:25] = 30
OTHER = np.full((60, 40), 250, np.uint8)
OTHER[40:50, 15:35] = 30
BOX = np.array([[10 / 60, 5 / 40, 20 / 60, 25 / 40]], np.float32)


def labelled(path: Path, frame: int = 0) -> LabelledPage:
    name = f"{path.name}_{frame}"
    return LabelledPage(name, path, BOX, np.array([1]), name, "test", split="train", frame=frame)


def converted(folder: Path, *pages: LabelledPage) -> dict[str, np.ndarray]:
    """Writes pages to shards and reads them again."""
    checked = check_pages(pages)
    assert checked.dropped == []
    folder.mkdir()
    write_shards(folder, checked.pages)
    shards = sorted((folder / "tfrecords").glob("train*"))
    records = [parse_page(read_record(str(shard), offset)) for shard in shards for offset in record_offsets(shard)[0]]
    return {record.name: decode_page(record) for record in records}


def deep(path: Path) -> None:
    Image.fromarray(PAGE.astype(np.uint16) * 16).save(path)


def turned(path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    Image.fromarray(np.ascontiguousarray(PAGE.T[:, ::-1])).convert("RGB").save(path, exif=exif, quality=100)


def transparent(path: Path) -> None:
    image = Image.new("LA", (40, 60), (30, 255))
    image.putalpha(Image.fromarray(np.where(PAGE < 128, 255, 0).astype(np.uint8)))
    image.save(path)


KINDS = {"deep.png": deep, "turned.jpg": turned, "transparent.png": transparent}


@pytest.mark.parametrize("name", [*KINDS, "grey.png", "grey.jpg", "grey.bmp", "grey.jp2", "lossless.webp"])
def test_a_record_holds_the_page_that_is_read(tmp_path: Path, name: str):
    path = tmp_path / name
    KINDS[name](path) if name in KINDS else Image.fromarray(PAGE).save(path, quality=100, lossless=True)
    (page,) = converted(tmp_path / "out", labelled(path)).values()
    np.testing.assert_array_equal(page, read_page(path))
    assert page.shape == PAGE.shape
    assert (page[11:19, 6:24] < 60).all()
    assert (page[30:] > 230).all()


def test_every_page_of_a_tiff_and_a_pdf_can_be_a_page(tmp_path: Path):
    first, second = Image.fromarray(PAGE), Image.fromarray(OTHER)
    first.save(tmp_path / "a.tif", save_all=True, append_images=[second])
    first.save(tmp_path / "b.pdf", save_all=True, append_images=[second], resolution=200)
    pages = [labelled(tmp_path / name, frame) for name in ("a.tif", "b.pdf") for frame in (0, 1)]
    read = converted(tmp_path / "out", *pages)
    assert len(read) == 4
    for name, page in read.items():
        assert np.abs(page[:60].astype(int) - (PAGE if name.endswith("0") else OTHER)).mean() < 5


@pytest.mark.parametrize("white", [0, 255])
@pytest.mark.parametrize("name", ["page.png", "page.jpg", "page.tif", "deep.png"])
def test_a_page_that_shows_nothing_is_left_out_by_name(tmp_path: Path, white: int, name: str):
    blank = np.full((60, 41), white, np.uint16 if name == "deep.png" else np.uint8)
    Image.fromarray(blank).save(tmp_path / name)
    checked = check_pages([labelled(tmp_path / name)])
    assert checked.dropped == [(f"{name}_0", "it is blank: every pixel has the same grey value")]


def test_a_page_of_one_bit_that_shows_nothing(tmp_path: Path):
    Image.new("1", (41, 60), 1).save(tmp_path / "page.png")
    assert len(check_pages([labelled(tmp_path / "page.png")]).dropped) == 1


def test_one_mark_between_the_compared_rows_is_enough(tmp_path: Path):
    pixels = np.full((300, 40), 255, np.uint8)
    pixels[3, 5] = 0
    Image.fromarray(pixels).save(tmp_path / "page.png")
    assert check_pages([labelled(tmp_path / "page.png")]).dropped == []


def test_a_page_that_is_not_there(tmp_path: Path):
    Image.fromarray(PAGE).save(tmp_path / "a.tif")
    checked = check_pages([labelled(tmp_path / "a.tif", 1), labelled(tmp_path / "gone.pdf")])
    assert [reason for _, reason in checked.dropped] == ["it has no page 2, only 1", "its picture is not there"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_of_records_turn_with_the_photograph(tmp_path: Path, orientation: int):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(PAGE).save(tmp_path / "photo.jpg", exif=exif, quality=100)
    content = (tmp_path / "photo.jpg").read_bytes()
    record = parse_page(serialise_encoded_page("photo", content, "jpeg", PAGE.shape, BOX, np.array([1])))
    np.testing.assert_allclose(decode_page(record).astype(int), turn_pixels(PAGE, orientation), atol=20)
    np.testing.assert_array_equal(upright_boxes(record), turn_boxes(BOX, orientation))
