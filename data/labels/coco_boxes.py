"""The box of one of COCO's annotations, however a tool writes it: four numbers, an object, polygons or a mask."""

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from data.labels.box_units import Four
from data.labels.label_texts import number_of

_SIDES = (
    ("x", "y", "width", "height"),
    ("x", "y", "w", "h"),
    ("left", "top", "width", "height"),
)
_CORNERS = (
    ("xmin", "ymin", "xmax", "ymax"),
    ("x1", "y1", "x2", "y2"),
    ("left", "top", "right", "bottom"),
)
_SAME = 0.02
"""How far, as a share, an area or a side may be off that says the same."""


@dataclasses.dataclass(frozen=True)
class CocoBox:
    """What an annotation says about its box.

    Attributes:
      numbers: as they stand there.
      corners: whether they certainly are two corners: xmin, ymin, xmax, ymax. Otherwise they should be a corner and a
        size.
      outline: xmin, ymin, xmax, ymax of its polygons or mask; None if it has none.
      area: as it stands there; None if it does not.
    """

    numbers: Four
    corners: bool
    outline: Four | None = None
    area: float | None = None


def box_of(note: Mapping[str, object]) -> CocoBox | None:
    """The box of an annotation; where `bbox` is missing or empty, that around its polygons or mask. None without one.

    Args:
      note: the annotation.
    """
    outline = _bounds_of_polygons(note.get("segmentation")) or _bounds_of_mask(note.get("segmentation"))
    numbers, corners = _numbers_of(note.get("bbox"))
    if outline and (numbers is None or (not corners and not (numbers[2] > 0 and numbers[3] > 0))):
        return CocoBox(outline, True)
    return CocoBox(numbers, corners, outline, number_of(note.get("area"))) if numbers else None


def are_meant_as_corners(boxes: Sequence[CocoBox]) -> bool:
    """Whether outlines or areas say that the boxes, which should be a corner and a size, are two corners.

    Args:
      boxes: of one file, those that are not certainly corners.
    """
    said = [_is_corners(box) for box in boxes]
    return True in said and False not in said and all(b.numbers[2] > b.numbers[0] for b in boxes)


def _is_corners(box: CocoBox) -> bool | None:
    """Whether a box is two corners by its outline or area; None if they do not say."""
    x, y, third, fourth = box.numbers
    wide, high = third - x, fourth - y
    if min(third, fourth, wide, high) <= 0:
        return None
    if box.outline:
        left, top, right, bottom = box.outline
        size, corners = (
            _is(right - left, third) and _is(bottom - top, fourth),
            _is(right, third) and _is(bottom, fourth),
        )
        if size != corners and _is(left + 1, x + 1) and _is(top + 1, y + 1):
            return corners
    elif box.area and _is(box.area, third * fourth) != _is(box.area, wide * high):
        return _is(box.area, wide * high)
    return None


def _is(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME * max(abs(one), abs(other))


def _numbers_of(value: object) -> tuple[Four | None, bool]:
    """(four numbers, whether they certainly are two corners) of a list, an object, or text such as "[1, 2, 3, 4]"."""
    if isinstance(value, str):
        text = value
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = re.split(r"[,;\s]+", text.strip("()[]{} \t\n"))
    corners = False
    if isinstance(value, dict):
        keys = next((keys for keys in (*_SIDES, *_CORNERS) if set(keys) <= set(value)), ())
        value, corners = [value[key] for key in keys], keys in _CORNERS
    elif isinstance(value, list) and len(value) == 2 and all(isinstance(point, list) for point in value):
        value, corners = [number for point in value for number in point], True  # two points
    if not isinstance(value, list) or len(value) != 4:
        return None, False
    numbers = _all_numbers(value)
    return ((numbers[0], numbers[1], numbers[2], numbers[3]), corners) if numbers else (None, False)


def _all_numbers(values: Iterable[object]) -> list[float]:
    """Numbers; empty unless every value is one."""
    numbers = [number_of(value) for value in values]
    return [number for number in numbers if number is not None] if None not in numbers else []


def _bounds_of_polygons(segmentation: object) -> Four | None:
    """xmin, ymin, xmax, ymax of polygons, each a list x, y, x, y, ...; None if there are none, as in masks."""
    if not isinstance(segmentation, list) or not segmentation:
        return None
    polygons = segmentation if isinstance(segmentation[0], list) else [segmentation]
    if not all(isinstance(polygon, list) and len(polygon) >= 6 and len(polygon) % 2 == 0 for polygon in polygons):
        return None
    points = _all_numbers(value for polygon in polygons for value in polygon)
    return (min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2])) if points else None


def _bounds_of_mask(segmentation: object) -> Four | None:
    """xmin, ymin, xmax, ymax of a mask of run lengths, down each column, from the left; None if it is none.

    The runs are numbers, or text that packs each number, from the fourth on less the one two before it, in groups of
    five bits.
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
    whole = any(first // rows != last // rows for first, last in inked)  # a run from one column into the next
    top = 0 if whole else min(first % rows for first, _ in inked)
    bottom = rows - 1 if whole else max(last % rows for _, last in inked)
    return float(left), float(top), float(right + 1), float(bottom + 1)


def _unpacked(text: str) -> list[float]:
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
