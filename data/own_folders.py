"""Recognises the folders that the program made among the folders of a user."""

import contextlib
import json
import os
import re
from pathlib import Path

from data.own_files import MARK, read_json

JOURNAL = ".extract.jsonl"
"""Of an extraction: its first line says that the program wrote it."""

NAMES_OF_RUN = re.compile(
    r"run\.json|\.hydra|\.lock|checkpoints|train|validation|best|export|predictions|samples\.png|train\.log"
    r"|rank_\d+\.log|seed_\d+|eval_\w+\.(json|png)"
)
"""Names that a run writes into its folder."""

_NAMES_OF_EXTRACTION = re.compile(r"signatures(\.csv|\.json)?|pages|contact_sheet(_\d+)?\.png")

_CACHE_ENTRY = re.compile(r"[0-9a-f]{20}(\.lock|\..+\.partial)?")
"""Names in a cache, see `data.cache`."""


def is_own_folder(folder: Path) -> bool:
    """Whether a folder is that of an extraction, a run or a cache, and has nothing else in it.

    A user may let the program write into a folder of scans, which stays one of the user.
    """
    if is_extraction(folder):
        return _has_only(folder, _NAMES_OF_EXTRACTION)
    return (_is_run(folder) and _has_only(folder, NAMES_OF_RUN)) or _is_cache(folder)


def is_extraction(folder: Path) -> bool:
    """Whether a folder is that of an extraction."""
    with contextlib.suppress(OSError, ValueError, RecursionError), open(folder / JOURNAL, encoding="utf-8") as file:
        head = json.loads(file.readline())
        return isinstance(head, dict) and head.get("written_by") == MARK
    return False


def _is_run(folder: Path) -> bool:
    metadata = read_json(folder / "run.json")
    return isinstance(metadata, dict) and {"settings", "overrides"} <= metadata.keys()


def _has_only(folder: Path, names: re.Pattern[str]) -> bool:
    """Whether all names in a folder are of a pattern; hidden ones do not count."""
    with contextlib.suppress(OSError):
        return all(name.startswith(".") or names.fullmatch(name) for name in os.listdir(folder))
    return False


def _is_cache(folder: Path) -> bool:
    locked = False
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not _CACHE_ENTRY.fullmatch(entry.name):
                return False
            locked = locked or entry.name.endswith(".lock")
    return locked
