"""Recognises the folders that the program made among the folders of a user."""

import contextlib
import json
import os
import re
from pathlib import Path

from data.own_files import MARK, read_json

JOURNAL = ".extract.jsonl"
"""Of an extraction: its first line says that the program wrote it."""

_CACHE_ENTRY = re.compile(r"[0-9a-f]{20}(\.lock|\..+\.partial)?")
"""Names in a cache, see `data.cache`."""


def is_own_folder(folder: Path) -> bool:
    """Whether a folder is that of an extraction, a run or a cache, so that its files are no data of the user."""
    return is_extraction(folder) or _is_run(folder) or _is_cache(folder)


def is_extraction(folder: Path) -> bool:
    """Whether a folder is that of an extraction."""
    with contextlib.suppress(OSError, ValueError, RecursionError), open(folder / JOURNAL, encoding="utf-8") as file:
        head = json.loads(file.readline())
        return isinstance(head, dict) and head.get("written_by") == MARK
    return False


def _is_run(folder: Path) -> bool:
    metadata = read_json(folder / "run.json")
    return isinstance(metadata, dict) and {"settings", "overrides"} <= metadata.keys()


def _is_cache(folder: Path) -> bool:
    locked = False
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not _CACHE_ENTRY.fullmatch(entry.name):
                return False
            locked = locked or entry.name.endswith(".lock")
    return locked
