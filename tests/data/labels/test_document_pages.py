"""Labels of pages of TIFF and PDF files, which their names must identify."""

from pathlib import Path

import numpy as np
import pytest
from labelling import BOX, coco_content, HEIGHT, LINE, own_pages, picture, read, refusal, voc, WIDTH, write_json
from PIL import Image

from data.labels.split_report import left_out, read_report
from data.pages.page_records import decode_page, find_shards, parse_page
from data.pages.tf_examples import read_record, record_offsets

fault = pytest.mark.fault

FIRST_ROW, EVERY = 5, 20
"""Position of the line on the first page, and its distance to that on the next page."""


def document(path: Path, pages: int = 2) -> Path:
    """A TIFF or PDF file whose pages have a line each, with another length in each file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = []
    for number in range(pages):
        pixels = np.full((HEIGHT, WIDTH), 255, np.uint8)
        pixels[FIRST_ROW + EVERY * number :][:3, ord(path.stem[-1]) % 7 :] = 0
        frames.append(Image.fromarray(pixels))
    frames[0].save(path, save_all=True, append_images=frames[1:])
    return path


def shown_page(pixels: np.ndarray) -> int:
    """The number, from 1, of the page that the pixels show."""
    middle = np.nonzero((pixels < 128).any(axis=1))[0].mean() / len(pixels) * HEIGHT
    return round((middle - FIRST_ROW - 1) / EVERY) + 1


@pytest.mark.parametrize("suffix", [".tif", ".pdf"])
@pytest.mark.parametrize("name", ["lease_page{}", "lease-Page0{}", "lease p{}", "lease (page {})", "Lease_seite_{}"])
def test_yolo_labels_that_name_a_page(tmp_path: Path, suffix: str, name: str):
    document(tmp_path / f"lease{suffix}", 3)
    (tmp_path / f"{name.format(2)}.txt").write_text(LINE)
    (tmp_path / f"{name.format(3)}.txt").write_text("")
    (tmp_path / "classes.txt").write_text("signature")
    found = read(tmp_path, "yolo")
    assert found.boxes == {f"lease{suffix} page 2": [BOX], f"lease{suffix} page 3": []}
    assert [page.frame for page in found.dataset.pages] == [1, 2]
    assert found.reasons[f"lease{suffix} page 1"].startswith("a picture without a label")


def test_labels_of_other_formats_that_name_a_page(tmp_path: Path):
    document(tmp_path / "coco" / "scans" / "lease.tif")
    names = ["C:\\scans\\lease_page2.png", "scans/lease.tif#page=1"]
    write_json(tmp_path / "coco" / "labels.json", coco_content(names))
    assert read(tmp_path / "coco", "coco").boxes == {"scans/lease.tif page 2": [BOX], "scans/lease.tif page 1": [BOX]}
    document(tmp_path / "voc" / "lease.pdf")
    voc(tmp_path / "voc" / "lease_page1.xml", ("signature", 20, 15, 30, 30))
    assert read(tmp_path / "voc", "voc").boxes == {"lease.pdf page 1": [BOX]}


def test_a_label_file_of_a_page_that_holds_the_name_of_the_whole_document(tmp_path: Path):
    document(tmp_path / "lease.tif", 3)
    voc(tmp_path / "lease_page2.xml", ("signature", 20, 15, 30, 30), filename="lease.tif")
    found = read(tmp_path, "voc")
    assert found.boxes == {"lease.tif page 2": [BOX]}
    assert found.dataset.pages[0].frame == 1


def test_a_pdf_of_one_page_needs_no_number(tmp_path: Path):
    document(tmp_path / "lease.pdf", 1)
    write_json(tmp_path / "labels.json", coco_content(["lease.pdf"]))
    assert read(tmp_path, "coco").boxes == {"lease.pdf": [BOX]}


def test_pages_of_documents_become_records(tmp_path: Path):
    for number, name in enumerate(("a.tif", "b.pdf", "test_c.tif"), start=1):
        document(tmp_path / "own" / name, number)
        for page in range(1, number + 1):
            stem = name.partition(".")[0]
            (tmp_path / "own" / f"{stem}_page{page}.txt").write_text(f"0 0.5 0.5 0.{number} 0.{page}")
    document(tmp_path / "own" / "unlabelled.pdf", 3)
    (tmp_path / "own" / "classes.txt").write_text("signature")
    root = own_pages(tmp_path / "own", held_out=0.3).shards_root()
    report = read_report(root)
    assert (report["pages"], report["boxes"], report["dropped"]) == (6, 6, {})
    assert sum(counts["documents"] for part in report["used"].values() for counts in part.values()) == 3
    names = [name for name, reason in left_out(report) if reason.startswith("a picture without a label")]
    assert names == ["3 pictures (unlabelled.pdf page 1, unlabelled.pdf page 2, unlabelled.pdf page 3)"]
    shards = [shard for part in ("train", "validation") for shard in find_shards(root, part)]
    records = [parse_page(read_record(shard, offset)) for shard in shards for offset in record_offsets(shard)[0]]
    assert len(records) == 6
    for record in records:
        page = round(10 * (record.boxes[0, 2] - record.boxes[0, 0]))
        assert shown_page(decode_page(record)) == page, record.name
        assert record.name.endswith((f" page {page}", "a.tif"))


@fault("labels of a TIFF or PDF of several pages that do not say which page they mean", "left out, with names that do")
@pytest.mark.parametrize("suffix", [".tif", ".pdf"])
def test_labels_of_a_whole_document(tmp_path: Path, suffix: str):
    root = tmp_path / "own"
    for number in range(3):
        picture(root / f"doc{number}.png", number)
        (root / f"doc{number}.txt").write_text(LINE)
    (root / "classes.txt").write_text("signature")
    document(root / f"lease{suffix}")
    (root / "lease.txt").write_text(LINE)
    found = read(root, "yolo")
    assert list(found.boxes) == ["doc0.png", "doc1.png", "doc2.png"]
    name = "lease.tif" if suffix == ".tif" else "lease.txt"
    assert "do not say which they mean; call them lease_page1, lease_page2" in found.reasons[name]
    assert "1 of 4 pages cannot be used" in refusal(root)


@fault("labels of a page that a TIFF or PDF does not have", "left out and named")
def test_there_is_no_such_page(tmp_path: Path):
    document(tmp_path / "lease.tif")
    names = ["lease_page1.png", "lease_page3.png"]
    write_json(tmp_path / "labels.json", coco_content(names))
    found = read(tmp_path, "coco")
    assert list(found.boxes) == ["lease.tif page 1"]
    assert found.reasons[names[1]] == "lease.tif has no page 3: pages count from 1 to 2"


@fault("labels of pages of TIFF or PDF files that count from 0", "refused in one line: no box is a page off")
@pytest.mark.parametrize("suffix", [".tif", ".pdf"])
def test_pages_that_count_from_zero(tmp_path: Path, suffix: str):
    root = tmp_path / "own"
    document(root / f"lease{suffix}", 3)
    document(root / f"other{suffix}", 3)
    for name in ("lease_page0", "lease_page1", "other_page2"):
        (root / f"{name}.txt").write_text(LINE)
    (root / "classes.txt").write_text("signature")
    assert refusal(root) == f"lease_page0.txt: of lease_page0.txt, lease{suffix} has no page 0: pages count from 1 to 3"


def test_a_picture_of_the_name_comes_first(tmp_path: Path):
    document(tmp_path / "lease.tif")
    picture(tmp_path / "lease_page2.png")
    write_json(tmp_path / "labels.json", coco_content(["lease_page2.png"]))
    assert list(read(tmp_path, "coco").boxes) == ["lease_page2.png"]


def test_unlabelled_pages_count_as_empty_on_request(tmp_path: Path):
    document(tmp_path / "lease.tif", 3)
    write_json(tmp_path / "labels.json", coco_content(["lease_page2.png"]))
    found = read(tmp_path, "coco", unlabelled="empty")
    assert found.boxes == {"lease.tif page 2": [BOX], "lease.tif page 1": [], "lease.tif page 3": []}


def test_one_entry_a_page_without_numbers(tmp_path: Path):
    document(tmp_path / "lease.tif")
    content = coco_content(["lease.tif", "lease.tif"])
    content["annotations"][1]["bbox"] = [1, 1, 9, 9]
    write_json(tmp_path / "labels.json", content)
    assert "it holds 2 pages, and its labels do not say which they mean; call them lease_page1" in refusal(tmp_path)
