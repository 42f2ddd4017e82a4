"""Boxes of photographs turned by EXIF enclose the objects around which they were drawn."""

from pathlib import Path

import pytest
from labelling import (
    BOX,
    coco_pages,
    HEIGHT,
    LINE,
    picture,
    PIXELS,
    read,
    stored_box,
    voc,
    WIDTH,
    write_json,
    yolo_pages,
)

TURNED = tuple(range(2, 9))


def turned_pages(root: Path, orientations: tuple[int, ...], boxes: str, size: str) -> None:
    """COCO's labels of photographs, boxes and sizes `upright` or `stored`."""
    content = coco_pages(root, len(orientations))
    for number, orientation in enumerate(orientations):
        (root / f"doc{number}.png").unlink()
        picture(root / f"doc{number}.jpg", number, orientation)
        height, width = stored_box(orientation)[1] if size == "stored" else (HEIGHT, WIDTH)
        content["images"][number] |= {"file_name": f"doc{number}.jpg", "height": height, "width": width}
        content["annotations"][number]["bbox"] = list(stored_box(orientation)[0]) if boxes == "stored" else PIXELS
    write_json(root / "labels.json", content)


@pytest.mark.fault(
    "COCO of photographs turned by EXIF, of the size of the stored pixels", "boxes are turned as the picture"
)
@pytest.mark.parametrize("orientations", [(1, *TURNED), (3, 3), (2,), (6,)])
def test_boxes_of_stored_pixels(tmp_path: Path, orientations: tuple[int, ...]):
    turned_pages(tmp_path, orientations, "stored", "stored")
    found = read(tmp_path, "coco")
    assert list(found.boxes.values()) == [[BOX]] * len(orientations)
    assert all(page.size == (HEIGHT, WIDTH) for page in found.dataset.pages)
    count = sum(orientation != 1 for orientation in orientations)
    assert f"{count} picture{'s are' if count > 1 else ' is'} turned by EXIF" in found.notes
    assert "dataset.exif=upright" in found.notes


@pytest.mark.parametrize("orientations", [(1, *TURNED), (6,), (3, 6)])
def test_boxes_of_the_upright_picture(tmp_path: Path, orientations: tuple[int, ...]):
    turned_pages(tmp_path, orientations, "upright", "upright")
    assert list(read(tmp_path, "coco").boxes.values()) == [[BOX]] * len(orientations)


@pytest.mark.fault("Label Studio's COCO: height and width swapped, boxes not", "boxes stay as they are")
def test_swapped_sizes(tmp_path: Path):
    turned_pages(tmp_path, (1, *TURNED), "upright", "stored")
    text = (tmp_path / "labels.json").read_text()
    (tmp_path / "labels.json").write_text(text.replace(str(PIXELS), "[20, 30, 10, 15]"))  # reaches below 40
    assert list(read(tmp_path, "coco").boxes.values()) == [[(0.5, 0.5, 0.75, 0.75)]] * 8


@pytest.mark.fault("photographs turned by EXIF where nothing tells how boxes were drawn", "`dataset.exif` says it")
def test_the_user_decides(tmp_path: Path):
    turned_pages(tmp_path, (3, 4), "upright", "upright")
    assert list(read(tmp_path, "coco", exif="upright").boxes.values()) == [[BOX]] * 2


@pytest.mark.fault(
    "YOLO labels of photographs turned by EXIF", "taken as upright, said so; `dataset.exif=stored` turns them"
)
@pytest.mark.parametrize("orientation", TURNED)
def test_yolo(tmp_path: Path, orientation: int):
    yolo_pages(tmp_path, LINE)
    (tmp_path / "doc0.png").unlink()
    picture(tmp_path / "doc0.jpg", 0, orientation)
    found = read(tmp_path, "yolo")
    assert found.boxes == {"doc0.jpg": [BOX]}
    assert "1 picture is turned by EXIF" in found.notes
    assert "dataset.exif=stored" in found.notes
    (x, y, width, height), (high, wide) = stored_box(orientation)
    line = f"0 {(x + width / 2) / wide} {(y + height / 2) / high} {width / wide} {height / high}"
    (tmp_path / "doc0.txt").write_text(line)
    assert read(tmp_path, "yolo", exif="stored").boxes == {"doc0.jpg": [BOX]}


@pytest.mark.parametrize("orientation", TURNED)
def test_voc(tmp_path: Path, orientation: int):
    picture(tmp_path / "a.jpg", 0, orientation)
    (x, y, width, height), (high, wide) = stored_box(orientation)
    size = f"<size><width>{wide}</width><height>{high}</height></size>"
    voc(tmp_path / "a.xml", ("signature", x, y, x + width, y + height), filename="a.jpg", size=size)
    assert read(tmp_path, "voc").boxes == {"a.jpg": [BOX]}


def test_boxes_without_a_size_lie_on_the_upright_picture(tmp_path: Path):
    picture(tmp_path / "a.jpg", 0, 6)
    voc(tmp_path / "a.xml", ("signature", 20, 15, 30, 30), filename="a.jpg", size="")
    assert read(tmp_path, "voc").boxes == {"a.jpg": [BOX]}
    (x, y, width, height), _ = stored_box(6)
    voc(tmp_path / "a.xml", ("signature", x, y, x + width, y + height), filename="a.jpg", size="")
    assert read(tmp_path, "voc", exif="stored").boxes == {"a.jpg": [BOX]}
