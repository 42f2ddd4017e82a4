"""`signatures.json` and `signatures.csv`: every detection, with the names of its pictures."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.own_files import MARK, write_whole

TABLE, LIST = "signatures.csv", "signatures.json"

_SIDES = ("left", "top", "right", "bottom")
_COLUMNS = (
    *("file", "page", "class", "score", *_SIDES, *(f"{side}_points" for side in _SIDES)),
    *("found", "cleaned", "transparent", "blank"),
)


def write_tables(folder: Path, records: Sequence[dict[str, Any]], about: dict[str, Any]) -> None:
    """Writes both files, each whole or not at all.

    Args:
      folder: of the extraction.
      records: of the journal, in the order of the files; those of files that cannot be read have `skipped` alone.
      about: input and options, for the JSON file.
    """
    joined: dict[str, list[dict[str, Any]]] = {
        name: [{"file": record["file"], **entry} for record in records for entry in record.get(name, [])]
        for name in ("signatures", "pages", "skipped")
    }
    content: dict[str, Any] = {"info": {"description": MARK, **about}, **joined}
    write_whole(folder / LIST, json.dumps(content, indent=1) + "\n")
    lines = io.StringIO()
    writer = csv.DictWriter(lines, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for entry in joined["signatures"]:
        box = dict(zip(_SIDES, entry["box"], strict=True))
        points = {f"{side}_points": value for side, value in zip(_SIDES, entry["box_points"] or [""] * 4, strict=True)}
        plain = {name: entry[name] for name in _COLUMNS if name in entry}
        writer.writerow(plain | box | points)
    write_whole(folder / TABLE, lines.getvalue())
