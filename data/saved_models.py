"""Decides, without TensorFlow, which folders of SavedModels the project wrote and may replace."""

import json
import os
import re
from pathlib import Path

from data.errors import UserError
from data.own_files import MARK, read_json

MARKER = "signver_export.json"
"""A file in each export that says who wrote it."""

_CONTENT = {"saved_model.pb", "variables", "assets", "keras_metadata.pb", "fingerprint.pb", MARKER}
_VARIABLES = re.compile(r"variables\.(index|data-\d{5}-of-\d{5})")
_CONTRACTS = ((b"detection_boxes", b"num_detections", b"page"), (b"white", b"image"))
"""Names in the graphs of the detector's and the cleaner's exports that are older than the marker."""


def check_replaceable(folder: Path) -> None:
    """Makes sure that an export can replace what is at a path.

    Args:
      folder: where the export will be written.

    Raises:
      UserError: there is something other than an export of this project: a file, a link, a folder with other files.
    """
    remedy = ("choose a new folder:  export_dir=<folder>",)
    if folder.is_symlink():
        raise UserError("export_dir", f"{folder} is a symbolic link; name the folder that it leads to", remedy)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UserError("export_dir", f"{folder} is a file", remedy)
    try:
        odd = _not_of_export(folder)
        empty = not any(folder.iterdir())
    except OSError as error:
        raise UserError("export_dir", f"{folder} cannot be read ({(error.strerror or '').lower()})", remedy) from None
    if empty:
        return
    if odd:
        raise UserError("export_dir", f"{folder} holds something that is no export: {odd}", remedy)
    if not (_is_marked(folder) or _lies_in_run(folder) or _keeps_contract(folder)):
        raise UserError("export_dir", f"{folder} holds a model that this project did not write", remedy)


def mark(folder: Path) -> None:
    """Writes the marker into a new export."""
    (folder / MARKER).write_text(json.dumps({"written_by": MARK}) + "\n", encoding="utf-8")


def _not_of_export(folder: Path) -> str:
    """The first entry of a folder that does not belong to an export; empty if there is none."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        is_folder = entry.name in ("variables", "assets")
        kind_is_right = entry.is_dir(follow_symlinks=False) if is_folder else entry.is_file(follow_symlinks=False)
        if entry.name not in _CONTENT or not kind_is_right:
            return entry.name
        if is_folder:
            inner = sorted(os.scandir(entry.path), key=lambda inner: inner.name)
            for each in inner:
                known = entry.name == "variables" and _VARIABLES.fullmatch(each.name)
                if not known or not each.is_file(follow_symlinks=False):
                    return f"{entry.name}/{each.name}"
    if not (folder / "saved_model.pb").is_file() and any(folder.iterdir()):
        return sorted(os.listdir(folder))[0]
    return ""


def _is_marked(folder: Path) -> bool:
    content = read_json(folder / MARKER)
    return isinstance(content, dict) and content.get("written_by") == MARK


def _lies_in_run(folder: Path) -> bool:
    """Whether it is `export` in the folder of a run, where earlier versions wrote exports without the marker."""
    run = folder.parent
    return folder.name == "export" and (run / ".hydra" / "config.yaml").is_file() and (run / "checkpoints").is_dir()


def _keeps_contract(folder: Path) -> bool:
    graph = (folder / "saved_model.pb").read_bytes()
    return any(all(name in graph for name in names) for names in _CONTRACTS)
