"""Reads the names of YOLO's classes: `data.yaml`, a list of names, or Label Studio's `notes.json`."""

import re
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from data.errors import UserError
from data.folders import files_below
from data.labels.coco_files import load_json
from data.labels.label_texts import key_of
from data.labels.yolo_lines import looks_like_yolo
from data.text_files import read_text

NAME_FILES = (
    "classes.txt",
    "_classes.txt",
    "predefined_classes.txt",
    "class_names.txt",
    "labels.txt",
    "names.txt",
    "_darknet.labels",
    "notes.json",
)
"""Files of class names, in lower case; files called `*.names` count too."""

_WITH_NUMBER = re.compile(r"(\d{1,3})\s*[:=,;\s]\s*(\D.*)")
_NAMES = re.compile(r"^names\s*:", re.MULTILINE)


def find_name_files(root: Path) -> list[Path]:
    """Files below a folder that may name classes, by path."""
    candidates = files_below(root, ".yaml", ".yml", ".names", ".txt", ".labels", ".json")
    return [file for file in candidates if _may_name(file)]


def _may_name(file: Path) -> bool:
    if file.suffix.lower() in (".yaml", ".yml", ".names"):
        return True
    if file.name.lower() not in NAME_FILES:
        return False
    return file.suffix.lower() != ".txt" or not looks_like_yolo(read_text(file))


def read_names(files: list[Path]) -> dict[str, str]:
    """Class names by number as text; empty if no file names them.

    Args:
      files: from `find_name_files`.

    Raises:
      UserError: two files name a class differently, or a file of names cannot be read.
    """
    names: dict[str, str] = {}
    origin: dict[str, Path] = {}
    for file in files:
        for number, name in _names_in(file).items():
            if names.setdefault(number, name).casefold() != name.casefold():
                raise UserError(
                    "dataset.root",
                    f"two lists of class names differ: class {number} is {names[number]} in {origin[number]} and "
                    f"{name} in {file}",
                    ("remove the wrong list, or use each folder as a dataset of its own",),
                )
            origin.setdefault(number, file)
    return names


def read_keypoint_shape(files: list[Path]) -> tuple[int, ...]:
    """`kpt_shape` of a data.yaml: keypoints of a box, values of a keypoint; empty if there is none."""
    for file in files:
        shape = _yaml_of(file).get("kpt_shape") if file.suffix.lower() in (".yaml", ".yml") else None
        if isinstance(shape, list) and len(shape) == 2 and all(str(each).isdecimal() for each in shape):
            return tuple(int(each) for each in shape)
    return ()


def _names_in(file: Path) -> dict[str, str]:
    try:
        if file.suffix.lower() in (".yaml", ".yml"):
            return _names_in_yaml(file)
        if file.suffix.lower() == ".json":
            content = load_json(file)
            categories = content.get("categories") if isinstance(content, dict) else None
            pairs = categories if isinstance(categories, list) else []
            return {key_of(each["id"]): str(each["name"]).strip() for each in pairs if {"id", "name"} <= set(each)}
        return _numbered(read_text(file).splitlines())
    except (OSError, TypeError) as error:
        raise UserError(str(file), f"cannot be read ({error})") from None


def _names_in_yaml(file: Path) -> dict[str, str]:
    content = _yaml_of(file)
    names = content.get("names")
    if isinstance(names, str) and names and {"nc", "train", "val"} & set(content):
        names = [part.strip().strip("'\"") for part in names.strip("[]").split(",")]
    if isinstance(names, list):
        return _numbered([name if isinstance(name, str) else "" for name in names])
    if isinstance(names, dict):
        pairs = [(str(key).strip(), value.strip()) for key, value in names.items() if isinstance(value, str)]
        if pairs and all(name.isdecimal() and not number.isdecimal() for number, name in pairs):
            pairs = [(number, name) for name, number in pairs]
        return dict(pairs)
    return {}


def _numbered(names: list[str]) -> dict[str, str]:
    """Names by number: the number before each name if these count from 0, as in `0: signature`, otherwise its line."""
    names = [name.strip() for name in names]
    written = [_WITH_NUMBER.fullmatch(name) for name in names if name]
    found = {str(int(match[1])): match[2] for match in written if match}
    if len(written) > 1 and set(found) == set(map(str, range(len(written)))):
        return found
    return {str(number): name for number, name in enumerate(names) if name}


def _yaml_of(file: Path) -> dict[str, Any]:
    """A YAML file's mapping with every scalar as text, so that a class `no` keeps its name; empty if it is no mapping.

    Raises:
      UserError: the file is broken, and has a line of `names`.
    """
    try:
        text = read_text(file)
        content = yaml.BaseLoader(text).get_single_data()
    except yaml.YAMLError as error:
        if not _NAMES.search(text):
            return {}
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or "it is cut"
        remedy = "correct it; write paths of Windows without double quotes, and blanks instead of tabs"
        raise UserError(str(file), f"is broken{where} ({reason})", (remedy,)) from None
    except (OSError, ValueError, RecursionError, TypeError, AttributeError):
        return {}
    return content if isinstance(content, dict) else {}
