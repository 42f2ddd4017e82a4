"""A table of plain text."""

from collections.abc import Sequence
from typing import Any


def text_table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Lines of a table whose numbers stand right and whose words stand left.

    Args:
      header: names of the columns.
      rows: of as many cells; floats are shown with five digits, None as nothing.
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
    """How a cell is shown."""
    if cell is None:
        return ""
    return f"{cell:.5g}" if isinstance(cell, float) else str(cell)
