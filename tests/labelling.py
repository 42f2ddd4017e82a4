"""Draws folders of labelled pages as labelling tools write them."""

import copy
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from composing import dataset
from PIL import Image

from data.datasets.pages import OwnPages
from data.errors import UserError
from data.labelled_pages import LabelledDataset, LabelledPage
from data.labels.label_formats import FORMATS
from data.labels.label_sets import ReadOptions
from data.labels.page_building import build_pages, BuildOptions
from data.labels.picture_names import PictureNames
from data.labels.unread_labels import unread_labels
from data.pictures.image_folder import ImageFolder
from data.pictures.orientation import SIDEWAYS, turn_boxes

HEIGHT, WIDTH = 60, 40
BOX = (0.25, 0.5, 0.5, 0.75)
"""ymin, xmin, ymax, xmax of every box: in COCO's pixels `PIXELS`, in YOLO's shares `LINE`."""

PIXELS = [20, 15, 10, 15]
LINE = "0 0.625 0.375 0.25 0.25"
CATEGORIES = [{"id": 3, "name": "Signatures"}, {"id": 9, "name": "Stamp"}]


def picture(path: Path, number: int = 0, orientation: int = 1, **options: Any) -> Path:
    """Writes a page; of another number it looks otherwise. A turned one is stored so that EXIF makes it upright."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((HEIGHT, WIDTH), 255, np.uint8)
    pixels[number % HEIGHT, number // HEIGHT :] = 0
    image = Image.fromarray(pixels)
    if orientation != 1:
        exif = Image.Exif()
        exif[0x0112] = orientation
        image = image.transpose(_STORED[orientation])
        options |= {"exif": exif}
    image.save(path, **options)
    return path


_STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def stored_box(orientation: int) -> tuple[tuple[float, float, float, float], tuple[int, int]]:
    """(x, y, width, height of `BOX` on the stored pixels of a turned picture, its stored height and width)."""
    inverse = {6: 8, 8: 6}.get(orientation, orientation)
    ymin, xmin, ymax, xmax = turn_boxes(np.array([BOX]), inverse)[0].tolist()
    height, width = (WIDTH, HEIGHT) if orientation in SIDEWAYS else (HEIGHT, WIDTH)
    return (xmin * width, ymin * height, (xmax - xmin) * width, (ymax - ymin) * height), (height, width)


def coco_content(names: Sequence[str], category: Any = 3, **more: Any) -> dict[str, Any]:
    """COCO's labels, a box a page."""
    images = [{"id": n, "file_name": name, "height": HEIGHT, "width": WIDTH} for n, name in enumerate(names)]
    annotations = [
        {"id": n, "image_id": n, "category_id": category, "bbox": list(PIXELS), "iscrowd": 0} for n in range(len(names))
    ]
    return {"images": images, "annotations": annotations, "categories": copy.deepcopy(CATEGORIES), **more}


def coco(path: Path, names: Sequence[str], category: Any = 3, **more: Any) -> Path:
    """Writes COCO's labels, a box a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(coco_content(names, category, **more)), encoding="utf-8")
    return path


def coco_pages(root: Path, count: int = 4, **more: Any) -> dict[str, Any]:
    """Writes pages doc0.png, ... and returns COCO's labels of them, to be changed and written with `write_json`."""
    names = [f"doc{number}.png" for number in range(count)]
    for number, name in enumerate(names):
        picture(root / name, number)
    return coco_content(names, **more)


def write_json(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def yolo(root: Path, names: Sequence[str], line: str = LINE, labels: str = "") -> None:
    """Writes pictures, and label files beside them or in `labels` for `images`."""
    for number, name in enumerate(names):
        picture(root / name, number)
        file = root / (name.replace("images", labels, 1) if labels else name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".txt").write_text(line + "\n")


def yolo_pages(root: Path, *lines: str, names: str = "signature\n") -> Path:
    """Writes a page and a label file for each text, and classes.txt."""
    for number, line in enumerate(lines):
        picture(root / f"doc{number}.png", number)
        (root / f"doc{number}.txt").write_text(line)
    (root / "classes.txt").write_text(names)
    return root


def voc(
    path: Path, *boxes: tuple[str, float, float, float, float], filename: str = "", size: str | None = None
) -> Path:
    """Writes Pascal VOC's labels: (class, xmin, ymin, xmax, ymax) each."""
    objects = "".join(
        f"<object><name>{kind}</name><bndbox><xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax>"
        f"<ymax>{bottom}</ymax></bndbox></object>"
        for kind, left, top, right, bottom in boxes
    )
    size = f"<size><width>{WIDTH}</width><height>{HEIGHT}</height></size>" if size is None else size
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"<annotation><filename>{filename or path.stem + '.png'}</filename>{size}{objects}</annotation>",
        encoding="utf-8",
    )
    return path


@dataclasses.dataclass(frozen=True)
class Read:
    """The result of reading a folder.

    Attributes:
      dataset: its pages.
      names: of all pictures.
    """

    dataset: LabelledDataset
    names: PictureNames

    @property
    def pages(self) -> dict[str, LabelledPage]:
        return {page.name: page for page in self.dataset.pages}

    @property
    def boxes(self) -> dict[str, list[tuple[float, ...]]]:
        return {
            page.name: [tuple(round(value, 3) for value in box) for box in page.boxes.tolist()]
            for page in self.dataset.pages
        }

    @property
    def reasons(self) -> dict[str, str]:
        return dict([*self.dataset.dropped, *self.dataset.ignored])

    @property
    def notes(self) -> str:
        return "\n".join(text for _, text in self.dataset.notes)


def read(
    root: Path,
    labels: str,
    classes: Sequence[str] = (),
    unlabelled: str = "skip",
    exif: str = "auto",
    crowds: bool = False,
) -> Read:
    """Reads a folder's labels of one format, without looking at pixels."""
    folder = ImageFolder(root)
    names = PictureNames(root, folder.pictures)
    scratch = root.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    label_format = FORMATS[labels]
    files = label_format.find(names)
    label_set = label_format.read(names, files, ReadOptions(crowds, scratch, folder.documents))
    options = BuildOptions(classes, unlabelled, exif)
    return Read(build_pages(names, label_set, options, folder.documents, unread_labels(names, files)), names)


def own_pages(root: Path, **changes: Any) -> OwnPages:
    """`dataset=pages` of a folder, with a cache beside it."""
    return dataset("detector", "pages", **{"root": str(root), "cache_dir": str(root.parent / "cache"), **changes})


def refusal(root: Path, labels: str = "auto", **changes: Any) -> str:
    """The one line by which `dataset=pages` refuses a folder."""
    with pytest.raises(UserError) as error:
        own_pages(root, labels=labels, **changes).shards_root()
    assert "\n" not in str(error.value)
    return str(error.value)
