"""Tables, durations and paths as plain text."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def text_table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Lines of a table. Columns of numbers are aligned right, others left.

    Args:
      header: names of the columns.
      rows: each with as many cells as `header`; a float has five significant digits, None is empty.
    """
    texts = [[cell_text(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *texts, strict=True)]
    right = [all(isinstance(row[n], int | float | None) for row in rows) for n in range(len(header))]
    lines = []
    for cells in [list(header), *texts]:
        padded = (
            f"{cell:>{width}}" if numbers else f"{cell:<{width}}"
            for cell, width, numbers in zip(cells, widths, right, strict=True)
        )
        lines.append("  ".join(padded).rstrip())
    return lines


def cell_text(cell: Any) -> str:
    """The text of one cell."""
    if cell is None:
        return ""
    return f"{cell:.5g}" if isinstance(cell, float) else str(cell)


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss: `0:01:05`."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def shown_path(path: Path | str) -> str:
    """A path as short as you can type it in the current folder."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
