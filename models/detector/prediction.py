"""Finds boxes on the pages of files and draws them."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image

from data.own_files import free_name, MARK, save_picture, write_whole
from data.pages.page_classes import CLASSES, counted
from data.pictures.document_pages import read_pages
from data.pictures.reading import BadScan, BLANK, is_blank
from models.detector.drawing import draw_boxes
from models.detector.evaluation import find_boxes
from models.task import FileResult


class FoundBoxes:
    """Boxes of many pages as one COCO file: images, annotations with scores, categories."""

    def __init__(self) -> None:
        categories = [{"id": label, "name": name} for label, name in enumerate(CLASSES, start=1)]
        self._content: dict[str, Any] = {"info": {"description": MARK}, "images": [], "annotations": []}
        self._content["categories"] = categories

    def add(self, name: str, page: np.ndarray, boxes: np.ndarray, labels: np.ndarray, scores: np.ndarray) -> None:
        """Adds a page's boxes, float [n, 4], ymin, xmin, ymax, xmax in pixels."""
        images, annotations = self._content["images"], self._content["annotations"]
        height, width = page.shape
        images.append({"id": len(images) + 1, "file_name": name, "height": height, "width": width})
        for (ymin, xmin, ymax, xmax), label, score in zip(
            boxes.tolist(), labels.tolist(), scores.tolist(), strict=True
        ):
            box = [round(value, 1) for value in (xmin, ymin, xmax - xmin, ymax - ymin)]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": len(images),
                    "category_id": label,
                    "bbox": box,
                    "area": round(box[2] * box[3], 1),
                    "iscrowd": 0,
                    "score": round(score, 4),
                }
            )

    def write(self, path: Path) -> None:
        """Writes the file, whole or not at all."""
        write_whole(path, json.dumps(self._content, indent=1) + "\n")


def find_in_files(
    detector: Callable[[tf.Tensor], dict], files: Sequence[Path], folder: Path, min_score: float
) -> Iterator[FileResult]:
    """Finds boxes on every page of the files; writes `<name>_found.png` a page and `boxes.json` for all of them.

    Args:
      detector: an export, loaded by `tf.saved_model.load`.
      files: images and PDF files.
      folder: where to write to.
      min_score: boxes below are neither drawn nor written.

    Yields:
      The result of each file as it is done; its output is the picture of the last page. A file whose later pages are
      broken gives the pages before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found, names = FoundBoxes(), set[str]()
    for file in files:
        try:
            target, counts, blank = None, np.zeros(len(CLASSES) + 1, int), []
            for number, (name, page) in enumerate(read_pages(file), start=1):
                if is_blank(page):
                    blank.append(number)
                    continue
                unique = free_name([name], names)
                names.add(unique)
                boxes, labels, scores = find_boxes(detector, page)
                kept = scores >= min_score
                boxes, labels, scores = boxes[kept], labels[kept], scores[kept]
                target = folder / f"{unique}_found.png"
                save_picture(target, Image.fromarray(draw_boxes(page, boxes, labels, scores)))
                found.add(name.replace(file.stem, file.name, 1), page, boxes, labels, scores)
                counts += np.bincount(labels, minlength=len(counts))
        except BadScan as error:
            reason = f"{counted(list(counts[1:]))}, up to a page that cannot be read: {error}" if target else str(error)
            yield FileResult(file, target, reason)
            continue
        if not target:
            yield FileResult(file, None, BLANK)
            continue
        numbers = ", ".join(str(number) for number in blank)
        note = f"; blank: page{'s' * (len(blank) > 1)} {numbers}" if blank else ""
        yield FileResult(file, target, counted(list(counts[1:])) + note)
    found.write(folder / "boxes.json")
