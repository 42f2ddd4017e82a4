"""Finds the JSON files that hold COCO's labels, and describes the others."""

import functools
import json
from pathlib import Path
from typing import Any

from data.errors import UserError
from data.folders import files_below
from data.labelled_pages import Dropped
from data.own_files import MARK
from data.text_files import file_version, read_text

_NO_BOXES = "has no boxes"
_BOX_KEYS = ("bbox", "segmentation", "category_id")


def find_coco_files(root: Path) -> list[Path]:
    """JSON files below a folder that hold COCO's labels of boxes.

    Captions, keypoints beside boxes of the same pictures, lists of images without annotations, and files that this
    project has written are left out.

    Raises:
      UserError: a file that looks like COCO's labels is cut or broken.
    """
    return [file for file, reason in _examined(root) if not reason]


def other_json_files(root: Path) -> list[Dropped]:
    """(path, what it is) of the JSON files that hold no readable labels."""
    return [(file.relative_to(root).as_posix(), reason) for file, reason in _examined(root) if reason]


def load_json(file: Path) -> Any:
    """The content of a JSON file; None if it is no JSON.

    Raises:
      UserError: it looks like COCO's labels and is broken.
    """
    try:
        text = read_text(file)
        return json.loads(text)
    except RecursionError:
        return None
    except (OSError, ValueError) as error:
        if isinstance(error, json.JSONDecodeError) and '"images"' in text and '"annotations"' in text:
            raise UserError(str(file), f"is cut or broken ({error})", ("export the labels again",)) from None
        return None


def _examined(root: Path) -> list[tuple[Path, str]]:
    """(file, "" or why it is left out) of every JSON file."""
    kinds = [(file, _kind_of(file, *file_version(file))) for file in files_below(root, ".json")]
    if any(not kind for _, kind in kinds):
        return [(file, "holds keypoints" if kind == "keypoints" else kind) for file, kind in kinds]
    return [(file, "" if kind == "keypoints" else kind) for file, kind in kinds]


@functools.lru_cache(maxsize=1024)
def _kind_of(file: Path, changed: int, size: int) -> str:
    content = load_json(file)
    if isinstance(content, list):
        return _kind_of_list(content)
    if not isinstance(content, dict):
        return "is not readable JSON" if content is None else "is no file of labels"
    if not isinstance(content.get("images"), list):
        return _kind_of_dictionary(content)
    info = content.get("info")
    if isinstance(info, dict) and info.get("description") == MARK:
        return "holds boxes that this program found"
    if content.get("annotations") is None:
        return "lists pictures without annotations"
    notes = content["annotations"]
    if isinstance(notes, list):
        dictionaries = [note for note in notes if isinstance(note, dict)]
        if notes and not any(key in note for note in dictionaries for key in _BOX_KEYS):
            return _NO_BOXES
        if dictionaries and all("segments_info" in note for note in dictionaries):
            return _NO_BOXES
        if dictionaries and all("keypoints" in note for note in dictionaries):
            return "keypoints"
    return ""


def _kind_of_list(content: list[Any]) -> str:
    first = next((item for item in content if isinstance(item, dict)), {})
    if "image_id" in first and "score" in first:
        return "is a list of results, not of labels"
    if "data" in first and ("annotations" in first or "completions" in first):
        return "is Label Studio's own JSON"
    if "annotations" in first and "image" in first:
        return "is Create ML's JSON"
    if "annotation_id" in first or "lead_time" in first or any(map(_is_label_studio_shape, first.values())):
        return "is Label Studio's own JSON"
    if "annotations" in first and "file_name" in first:
        return "is Detectron2's JSON"
    if "Labeled Data" in first or "data_row" in first:
        return "is Labelbox's JSON"
    return "is no file of labels"


def _is_label_studio_shape(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "original_width" in value[0]


def _kind_of_dictionary(content: dict[str, Any]) -> str:
    values = [value for value in content.values() if isinstance(value, dict)]
    if isinstance(content.get("shapes"), list):
        return "is LabelMe's JSON"
    if isinstance(content.get("objects"), list) and "size" in content:
        return "is Supervisely's JSON"
    if "_via_img_metadata" in content or (values and all("regions" in value for value in values)):
        return "is VIA's JSON"
    if {"file", "attribute", "metadata"} <= set(content):
        return "is VIA's JSON"
    one_picture = isinstance(content.get("asset"), dict) and isinstance(content.get("regions"), list)
    if one_picture or (isinstance(content.get("assets"), dict) and "name" in content):
        return "is VoTT's JSON"
    if isinstance(content.get("items"), list) and isinstance(content.get("categories"), dict):
        return "is Datumaro's JSON"
    return "is no file of labels"
