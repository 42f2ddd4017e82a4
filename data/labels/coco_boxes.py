"""Reads the box of an annotation of COCO in the forms of several tools: four numbers, an object, polygons or a mask."""

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from data.labels.box_units import Four
from data.labels.label_texts import number_of

_CORNER_AND_SIZE = (
    ("x", "y", "width", "height"),
    ("x", "y", "w", "h"),
    ("left", "top", "width", "height"),
)
_TWO_CORNERS = (
    ("xmin", "ymin", "xmax", "ymax"),
    ("x1", "y1", "x2", "y2"),
    ("left", "top", "right", "bottom"),
)

_TOLERANCE = 0.02
"""Share by which two areas or sides may differ that count as equal."""


@dataclasses.dataclass(frozen=True)
class CocoBox:
    """The box of an annotation, with what shows the meaning of its numbers.

    Attributes:
      numbers: four numbers of the file.
      corners: whether the form of the box shows that they are two corners: xmin, ymin, xmax, ymax. Otherwise they
        should be a corner and a size.
      outline: xmin, ymin, xmax, ymax of the polygons or the mask; None without these.
      area: the area in the file; None if it has none.
    """

    numbers: Four
    corners: bool
    outline: Four | None = None
    area: float | None = None


def box_of(note: Mapping[str, object]) -> CocoBox | None:
    """The box of an annotation: its `bbox` or, if this is missing or empty, the box around its polygons or mask.

    Args:
      note: the annotation.

    Returns:
      The box; None if the annotation has none.
    """
    outline = _bounds_of_polygons(note.get("segmentation")) or _bounds_of_mask(note.get("segmentation"))
    numbers, corners = _numbers_of(note.get("bbox"))
    if outline and (numbers is None or (not corners and not (numbers[2] > 0 and numbers[3] > 0))):
        return CocoBox(outline, True)
    return CocoBox(numbers, corners, outline, number_of(note.get("area"))) if numbers else None


def are_meant_as_corners(boxes: Sequence[CocoBox]) -> bool:
    """Whether outlines or areas show that boxes that should be a corner and a size are two corners.

    Args:
      boxes: the boxes of one file whose form does not show two corners.
    """
    shown = [_is_corners(box) for box in boxes]
    return True in shown and False not in shown and all(box.numbers[2] > box.numbers[0] for box in boxes)


def _is_corners(box: CocoBox) -> bool | None:
    """Whether the outline or area of a box shows two corners; None if it shows nothing."""
    x, y, third, fourth = box.numbers
    wide, high = third - x, fourth - y
    if min(third, fourth, wide, high) <= 0:
        return None
    if box.outline:
        left, top, right, bottom = box.outline
        size = _are_close(right - left, third) and _are_close(bottom - top, fourth)
        corners = _are_close(right, third) and _are_close(bottom, fourth)
        if size != corners and _are_close(left + 1, x + 1) and _are_close(top + 1, y + 1):
            return corners
    elif box.area and _are_close(box.area, third * fourth) != _are_close(box.area, wide * high):
        return _are_close(box.area, wide * high)
    return None


def _are_close(one: float, other: float) -> bool:
    return abs(one - other) <= _TOLERANCE * max(abs(one), abs(other))


def _numbers_of(value: object) -> tuple[Four | None, bool]:
    """(four numbers, whether the form shows two corners) of a list, an object, or text such as "[1, 2, 3, 4]"."""
    if isinstance(value, str):
        text = value
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = re.split(r"[,;\s]+", text.strip("()[]{} \t\n"))
    corners = False
    if isinstance(value, dict):
        keys = next((keys for keys in (*_CORNER_AND_SIZE, *_TWO_CORNERS) if set(keys) <= set(value)), ())
        value, corners = [value[key] for key in keys], keys in _TWO_CORNERS
    elif isinstance(value, list) and len(value) == 2 and all(isinstance(point, list) for point in value):
        value, corners = [number for point in value for number in point], True  # two points
    if not isinstance(value, list) or len(value) != 4:
        return None, False
    numbers = _all_numbers(value)
    return ((numbers[0], numbers[1], numbers[2], numbers[3]), corners) if numbers else (None, False)


def _all_numbers(values: Iterable[object]) -> list[float]:
    """The values as numbers; empty unless every value is a number."""
    numbers = [number_of(value) for value in values]
    return [number for number in numbers if number is not None] if None not in numbers else []


def _bounds_of_polygons(segmentation: object) -> Four | None:
    """xmin, ymin, xmax, ymax of polygons, each a list x, y, x, y, ...; None without polygons, as in masks."""
    if not isinstance(segmentation, list) or not segmentation:
        return None
    polygons = segmentation if isinstance(segmentation[0], list) else [segmentation]
    if not all(isinstance(polygon, list) and len(polygon) >= 6 and len(polygon) % 2 == 0 for polygon in polygons):
        return None
    points = _all_numbers(value for polygon in polygons for value in polygon)
    return (min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2])) if points else None


def _bounds_of_mask(segmentation: object) -> Four | None:
    """xmin, ymin, xmax, ymax of a mask of run lengths; None if there is none, or it is empty.

    The runs go down the columns, from the left to the right. Their lengths are a list, or text (see `_unpacked`).
    """
    if not isinstance(segmentation, dict):
        return None
    size, counts = segmentation.get("size"), segmentation.get("counts")
    height = number_of(size[0]) if isinstance(size, list) and len(size) == 2 else None
    runs = _unpacked(counts) if isinstance(counts, str) else _all_numbers(counts) if isinstance(counts, list) else []
    if not height or height < 1 or len(runs) < 2 or min(runs) < 0:
        return None
    rows = int(height)
    ends = [int(end) for end in accumulate(runs)]
    inked = [(start, end - 1) for start, end in zip(ends[::2], ends[1::2], strict=False) if end > start]
    if not inked:
        return None
    left, right = inked[0][0] // rows, inked[-1][1] // rows
    full_height = any(first // rows != last // rows for first, last in inked)  # a run continues in the next column
    top = 0 if full_height else min(first % rows for first, _ in inked)
    bottom = rows - 1 if full_height else max(last % rows for _, last in inked)
    return float(left), float(top), float(right + 1), float(bottom + 1)


def _unpacked(text: str) -> list[float]:
    """Run lengths from COCO's text, which packs them in groups of five bits; empty if the text is wrong.

    From the fourth length on, the text holds the difference to the length two places before.
    """
    runs: list[int] = []
    number = shift = 0
    for letter in text:
        group = ord(letter) - 48
        if not 0 <= group < 64:
            return []
        number |= (group & 31) << shift
        shift += 5
        if not group & 32:
            if group & 16:
                number -= 1 << shift
            runs.append(number + (runs[-2] if len(runs) > 2 else 0))
            number = shift = 0
    return [float(run) for run in runs]
