"""Pages labelled in COCO's JSON: `images`, `annotations` with `bbox` in pixels, `categories`."""

import collections
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.errors import UserError
from data.labelled_pages import box_arrays, Dropped, LabelledDataset, LabelledPage
from data.labels.class_names import labels_of_names
from data.pictures.image_folder import ImageFolder
from data.splits.path_names import document_of_file, split_of


def find_coco_files(root: Path) -> list[Path]:
    """JSON files below a folder that hold COCO's labels."""
    return [file for file in sorted(root.rglob("*.json")) if _is_coco(file)]


def _is_coco(file: Path) -> bool:
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and all(isinstance(content.get(key), list) for key in ("images", "annotations"))


def read_coco(folder: ImageFolder, files: Sequence[Path], classes: Sequence[str]) -> LabelledDataset:
    """Reads every page that the files speak of. An image without annotations is a page with nothing on it.

    Args:
      folder: with the pictures.
      files: from `find_coco_files`.
      classes: see `data.labels.class_names`.

    Raises:
      UserError: a class is not known.
    """
    pages, dropped = [], []
    contents = [(file, json.loads(file.read_text(encoding="utf-8-sig"))) for file in files]
    labels = labels_of_names((name for _, content in contents for name in _used_names(content)), classes)
    for file, content in contents:
        try:
            pages += _pages_of(folder, file, content, labels, dropped)
        except (KeyError, TypeError, AttributeError) as error:
            raise UserError(str(file), f"not COCO's form ({type(error).__name__}: {error})") from None
    return LabelledDataset(
        pages, dropped, [("read", f"{len(files)} COCO files: {', '.join(f.name for f in files[:5])}")]
    )


def _names(content: dict[str, Any]) -> dict[Any, str]:
    return {category["id"]: str(category.get("name", category["id"])) for category in content.get("categories", [])}


def _used_names(content: dict[str, Any]) -> set[str]:
    """Of categories that have boxes: exporters add ones that have none."""
    names = _names(content)
    return {names.get(note.get("category_id"), str(note.get("category_id"))) for note in content["annotations"]}


def _pages_of(
    folder: ImageFolder, file: Path, content: dict[str, Any], labels: dict[str, int | None], dropped: list[Dropped]
) -> list[LabelledPage]:
    names = _names(content)
    notes_of = collections.defaultdict(list)
    for note in content["annotations"]:
        notes_of[note["image_id"]].append(note)
    pages = []
    for image in content["images"]:
        name = str(image["file_name"])
        path = folder.find(name, file.parent)
        size = _size(image) or (folder.size_of(path) if path else None)
        if not size:
            dropped.append((name, "its picture is not there, or has no size"))
            continue
        corners, kinds = [], []
        for note in notes_of.pop(image["id"], []):
            label = labels[names.get(note.get("category_id"), str(note.get("category_id")))]
            box = note.get("bbox")
            if not isinstance(box, list) or len(box) != 4 or not all(isinstance(value, int | float) for value in box):
                dropped.append((f"{file.name} annotation {note.get('id')}", "no bbox of four numbers"))
            elif label is not None and not note.get("iscrowd"):
                x, y, width, height = box
                corners.append((y / size[0], x / size[1], (y + height) / size[0], (x + width) / size[1]))
                kinds.append(label)
        boxes, kinds = box_arrays(corners, kinds)
        split = split_of(file.relative_to(folder.root)) or split_of(Path(name))
        pages.append(LabelledPage(name, path, boxes, kinds, document_of_file(name), folder.root.name, size, split))
    dropped += [(f"{file.name} image {key}", "annotations of an image that is not listed") for key in notes_of]
    return pages


def _size(image: dict[str, Any]) -> tuple[int, int] | None:
    height, width = image.get("height"), image.get("width")
    return (int(height), int(width)) if height and width else None
