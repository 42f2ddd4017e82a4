"""Pictures and boxes are checked, and written so that this project and tf-models read the same."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from official.vision.dataloaders.tf_example_decoder import TfExampleDecoder
from PIL import Image

from data.labelled_pages import box_arrays, LabelledPage
from data.labels.page_conversion import check_pages, write_shards
from data.pages.page_records import decode_page, find_shards, parse_page
from data.pages.tf_examples import read_record, record_offsets

GREY = np.arange(60 * 40, dtype=np.uint8).reshape(60, 40)


def save(path: Path, image: Image.Image, **options) -> Path:
    image.save(path, **options)
    return path


def labelled(path: Path | None, **changes) -> LabelledPage:
    boxes, labels = box_arrays([(0.25, 0.1, 0.5, 0.9)], [2])
    name = path.name if path else "gone.png"
    return dataclasses.replace(LabelledPage(name, path, boxes, labels, name, "own", (60, 40)), **changes)


def records_of(folder: Path, pages: list[LabelledPage]) -> dict[str, bytes]:
    folder.mkdir()
    write_shards(folder, [page if page.split else dataclasses.replace(page, split="train") for page in pages])
    found = {}
    for part in ("train", "eval"):
        for shard in find_shards(folder, part):
            for offset in record_offsets(shard)[0]:
                record = read_record(shard, offset)
                found[parse_page(record).name] = record
    return found


PICTURES = {
    "bits.png": (Image.fromarray(GREY > 99), {}),
    "grey.png": (Image.fromarray(GREY), {}),
    "colours.png": (Image.fromarray(np.stack([GREY, GREY[::-1], GREY], -1)), {}),
    "palette.png": (Image.fromarray(GREY).quantize(16), {}),
    "photo.jpeg": (Image.fromarray(GREY), {}),
    "scan.tif": (Image.fromarray(GREY), {}),
    "bitmap.bmp": (Image.fromarray(GREY), {}),
    "deep.png": (Image.fromarray(GREY.astype(np.uint16) * 257), {}),
    "clear.png": (Image.fromarray(np.stack([GREY * 0, GREY], -1), "LA"), {}),
}


@pytest.mark.filterwarnings("ignore:'mode' parameter")
@pytest.mark.parametrize("name", PICTURES)
def test_both_readers_see_the_picture(tmp_path: Path, name: str):
    image, options = PICTURES[name]
    page = labelled(save(tmp_path / name, image, **options))
    checked = check_pages([page])
    assert checked.dropped == []
    (record,) = records_of(tmp_path / "out", checked.pages).values()
    parsed = parse_page(record)
    np.testing.assert_array_equal(parsed.boxes, page.boxes)
    np.testing.assert_array_equal(parsed.labels, [2])
    ours = decode_page(parsed)
    theirs = TfExampleDecoder().decode(record)["image"].numpy().astype(float)
    grey = theirs @ [0.299, 0.587, 0.114]
    assert ours.shape == grey.shape == (60, 40)
    assert np.abs(ours - grey).max() < 3  # two JPEG decoders round differently
    if name == "clear.png":  # black ink whose transparency is the picture
        np.testing.assert_array_equal(ours, 255 - GREY)
    elif name != "palette.png":
        assert np.abs(ours - np.asarray(image.convert("L") if name != "deep.png" else GREY, float)).max() < 12


def test_png_and_jpeg_files_are_taken_over_byte_by_byte(tmp_path: Path):
    pages = [labelled(save(tmp_path / name, PICTURES[name][0])) for name in ("bits.png", "photo.jpeg")]
    records = records_of(tmp_path / "out", pages)
    for page in pages:
        assert parse_page(records[page.name]).encoded == page.path.read_bytes()


def test_a_turned_photograph_is_written_upright(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    page = labelled(save(tmp_path / "turned.png", Image.fromarray(np.rot90(GREY)), exif=exif))
    checked = check_pages([page])
    assert checked.dropped == []
    (record,) = records_of(tmp_path / "out", checked.pages).values()
    np.testing.assert_array_equal(decode_page(parse_page(record)), GREY)


def test_what_cannot_be_used_is_named_with_its_reason(tmp_path: Path):
    good = save(tmp_path / "good.png", Image.fromarray(GREY))
    cut = tmp_path / "cut.png"
    cut.write_bytes(good.read_bytes()[:-40])
    (tmp_path / "text.png").write_text("no picture")
    wide = save(tmp_path / "wide.png", Image.fromarray(GREY.T))
    tiny = save(tmp_path / "tiny.png", Image.fromarray(GREY[:6, :4]))
    outside, empty = box_arrays([(0.5, 0.5, 0.6, 1.2)], [1])[0], box_arrays([(0.5, 0.5, 0.5, 0.6)], [1])[0]
    pages = [
        labelled(good),
        labelled(cut),
        labelled(tmp_path / "text.png"),
        labelled(wide),
        labelled(tiny),
        labelled(None),
        labelled(tmp_path / "never.png"),
        labelled(good, name="outside.png", boxes=outside),
        labelled(good, name="empty.png", boxes=empty),
        labelled(good, name="again.png"),
        labelled(good, name="other boxes.png", labels=np.array([3])),
    ]
    checked = check_pages(pages)
    assert [page.name for page in checked.pages] == ["good.png", "other boxes.png"]
    assert len(set(checked.content_of.values())) == 1
    reasons = dict(checked.dropped)
    assert reasons["cut.png"].startswith("not a readable image")
    assert reasons["text.png"].startswith("not a readable image")
    assert reasons["wide.png"] == "the picture is 60x40, its labels give 40x60"
    assert reasons["tiny.png"] == "only 4x6 pixels"
    assert reasons["gone.png"] == reasons["never.png"] == "its picture is not there"
    assert "outside the page" in reasons["outside.png"]
    assert "an empty box" in reasons["empty.png"]
    assert reasons["again.png"] == "the same picture and boxes as good.png"


def test_pictures_that_differ_in_one_pixel_are_two(tmp_path: Path):
    large = np.zeros((300, 40), np.uint8)
    large[200:] = 250  # a page of one grey value would be left out as blank
    pages = []
    for number, value in enumerate((0, 7, 7)):
        pixels = large.copy()
        pixels[3, 5] = value  # in a row that is compared only where all others are alike
        pages.append(labelled(save(tmp_path / f"{number}.png", Image.fromarray(pixels)), size=None))
    checked = check_pages(pages)
    assert [page.name for page in checked.pages] == ["0.png", "1.png"]
    assert len(set(checked.content_of.values())) == 2
    assert checked.dropped == [("2.png", "the same picture and boxes as 1.png")]


def test_a_picture_scaled_evenly_still_fits_its_labels(tmp_path: Path):
    page = labelled(save(tmp_path / "half.png", Image.fromarray(GREY[::2, ::2])))
    whole = labelled(save(tmp_path / "whole.png", Image.fromarray(GREY)))
    checked = check_pages([page, whole])
    assert checked.dropped == []
    said = "1 page has another size than the labels say (half.png: 20x30, in its labels 40x60); boxes are scaled"
    assert checked.notes == [("sizes", said)]


def test_shards_are_numbered_by_part_and_mix_documents(tmp_path: Path):
    picture = save(tmp_path / "a.png", Image.fromarray(GREY))
    pages = [labelled(picture, name=f"{n:03}.png", split="validation" if n >= 70 else "train") for n in range(75)]
    reported = []
    folder = tmp_path / "out"
    folder.mkdir()
    write_shards(folder, pages, lambda done, total: reported.append((done, total)))
    assert [path.name for path in find_shards(folder, "train")] == [f"train-0000{n}-of-00002.tfrecord" for n in (0, 1)]
    assert [path.name for path in find_shards(folder, "eval")] == ["eval-00000-of-00001.tfrecord"]
    assert reported[-1] == (3, 3)
    (shard,) = find_shards(folder, "eval")
    names = [parse_page(read_record(shard, offset)).name for offset in record_offsets(shard)[0]]
    assert sorted(names) == [f"{n:03}.png" for n in range(70, 75)]
    assert names != sorted(names)
