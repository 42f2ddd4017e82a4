"""Contact sheets of all cut-outs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from data.own_files import is_own_picture
from models.extraction.own_pictures import save_own

_CAPTION_COLOUR = (60, 60, 60)

_CELL, _CAPTION, _GAP, _COLUMNS, _ROWS = (120, 260), 18, 8, 4, 12
"""Height and width of a picture, height of its caption, space around it, pictures a sheet."""


def write_sheets(folder: Path, entries: Sequence[tuple[Path, str]]) -> list[Path]:
    """Writes contact sheets and removes those of an earlier run that had more of them.

    Args:
      folder: for `contact_sheet.png`, `contact_sheet_2.png` and so on.
      entries: (picture, caption) of each cut-out; pictures are read one at a time.
    """
    size, sheets = _COLUMNS * _ROWS, []
    for number, start in enumerate(range(0, len(entries), size), start=1):
        path = folder / ("contact_sheet.png" if number == 1 else f"contact_sheet_{number}.png")
        save_own(path, _sheet(entries[start : start + size]))
        sheets.append(path)
    for old in folder.glob("contact_sheet*.png"):
        if old not in sheets and is_own_picture(old):
            old.unlink()
    return sheets


def _sheet(entries: Sequence[tuple[Path, str]]) -> Image.Image:
    columns, rows = min(_COLUMNS, len(entries)), -(-len(entries) // _COLUMNS)
    height, width = _CELL[0] + _CAPTION + _GAP, _CELL[1] + _GAP
    sheet = np.full((rows * height + _GAP, columns * width + _GAP, 3), 230, np.uint8)
    for number, (file, caption) in enumerate(entries):
        top, left = (number // columns) * height + _GAP, (number % columns) * width + _GAP
        sheet[top : top + _CELL[0], left : left + _CELL[1]] = _thumbnail(file)
        place = (left + 2, top + _CELL[0] + 12)
        cv2.putText(sheet, _shortened(caption), place, cv2.FONT_HERSHEY_SIMPLEX, 0.36, _CAPTION_COLOUR, 1, cv2.LINE_AA)
    return Image.fromarray(sheet)


def _thumbnail(file: Path) -> np.ndarray:
    cell = np.full((*_CELL, 3), 255, np.uint8)
    with Image.open(file) as picture:
        white = Image.new("RGBA", picture.size, "white")
        colours = np.asarray(Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB"))
    scale = min(1.0, _CELL[0] / colours.shape[0], _CELL[1] / colours.shape[1])
    height, width = (max(1, round(side * scale)) for side in colours.shape[:2])
    small = cv2.resize(colours, (width, height), interpolation=cv2.INTER_AREA)
    top, left = (_CELL[0] - height) // 2, (_CELL[1] - width) // 2
    cell[top : top + height, left : left + width] = small
    return cell


def _shortened(caption: str, longest: int = 42) -> str:
    plain = caption.encode("ascii", "replace").decode()
    return plain if len(plain) <= longest else f"{plain[: longest // 2 - 1]}..{plain[1 - longest // 2 :]}"


def captions(records: Sequence[dict[str, Any]], folder: Path) -> Iterator[tuple[Path, str]]:
    """(picture, caption) of each cut-out: its cleaned picture, or else as it was found."""
    for record in records:
        for entry in record.get("signatures", []):
            if name := entry.get("cleaned") or entry.get("found") or entry.get("transparent"):
                yield (
                    folder / name,
                    f"{Path(record['file']).stem} p{entry['page']} {entry['class']} {entry['score']:.2f}",
                )
