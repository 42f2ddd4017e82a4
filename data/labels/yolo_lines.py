"""Parses lines of YOLO's label files: `class x y width height`, centre and size as shares of the page, or a polygon."""

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

from data.labels.label_sets import Corners
from data.labels.label_texts import number_of
from data.text_files import read_text

_SEPARATORS = re.compile(r"[\s;]+")
_COMMAS = re.compile(r"\s*,\s*")
_CLASS_NAME = re.compile(r"[^\W\d][\w-]*")


class BadLine(Exception):
    """A line that cannot be read; the message says why."""


@dataclasses.dataclass(frozen=True)
class YoloLine:
    """A parsed line.

    Attributes:
      kind: the number of the class as text, or its name.
      box: its corners as shares of the page.
      centre: x, y, width, height as in the line; None for a polygon.
      more: whether an unused number follows the box, such as the score of a model or the id of a track.
    """

    kind: str
    box: Corners
    centre: tuple[float, float, float, float] | None
    more: bool = False


def parse_line(line: str, keypoints: Sequence[int] = ()) -> YoloLine:
    """Parses a line of a box, with or without a score after it, of a box with keypoints, or of a polygon.

    Numbers may be separated by blanks, tabs, commas or semicolons and have decimal commas.

    Args:
      line: not blank.
      keypoints: keypoints of a box and values of a keypoint, as in `kpt_shape` of data.yaml.

    Raises:
      BadLine: the line is none of these.
    """
    kind, values = _split(line)
    count = len(values)
    if count < 4:
        raise BadLine("not a line of class x y width height")
    if count <= 5 or (keypoints and count == 4 + keypoints[0] * keypoints[1]) or _has_keypoints(values):
        x, y, width, height = values[:4]
        if count == 5 and not (0 <= values[4] <= 1 or values[4].is_integer()):
            raise BadLine(f"a sixth number, {values[4]:g}, that is no score; angles of turned boxes are not read")
        box = (y - height / 2, x - width / 2, y + height / 2, x + width / 2)
        return YoloLine(kind, box, (x, y, width, height), more=count == 5)
    if count % 2:
        raise BadLine("a polygon with an odd number of coordinates")
    return YoloLine(kind, (min(values[1::2]), min(values[::2]), max(values[1::2]), max(values[::2])), None)


def looks_like_yolo(text: str) -> bool:
    """Whether a text has a line of a class and at least four numbers."""
    for line in text.splitlines()[:20]:
        try:
            if line.strip() and _split(line)[1][3:]:
                return True
        except BadLine:
            continue
    return False


def is_yolo_file(file: Path) -> bool:
    """Whether a text file has lines like YOLO's, see `looks_like_yolo`; False if it cannot be read."""
    try:
        return looks_like_yolo(read_text(file))
    except OSError:
        return False


def _split(line: str) -> tuple[str, list[float]]:
    tokens = [token.strip(",") for token in _SEPARATORS.split(line.strip()) if token.strip(",")]
    if len(tokens) < 5 and "," in line and ";" not in line:
        tokens = [token for token in _COMMAS.split(line.strip()) if token]
        if len(tokens) > 5 and not any("." in token for token in tokens):
            raise BadLine("commas that are separators or decimal points: it is not clear which")
    values = [number_of(token) for token in tokens[1:]]
    if not tokens or None in values:
        raise BadLine("not a line of class x y width height")
    return _class_of(tokens[0], len(values)), [value for value in values if value is not None]


def _class_of(token: str, values: int) -> str:
    number = number_of(token)
    if number is not None and number >= 0 and number.is_integer():
        return str(int(number))
    if number is None and values == 4 and _CLASS_NAME.fullmatch(token):
        return token
    raise BadLine(f"{token} is not the number of a class")


def _has_keypoints(values: Sequence[float]) -> bool:
    """Whether this is certainly a box with keypoints: x, y in the box and visibility 0, 1 or 2 for each."""
    x, y, width, height, *rest = values
    if not rest or len(rest) % 3:
        return False
    points = list(zip(rest[::3], rest[1::3], rest[2::3], strict=True))
    if any(seen not in (0, 1, 2) for *_, seen in points):
        return False
    if any(seen == 2 for *_, seen in points):
        return True
    return all(abs(px - x) <= width / 2 + 0.01 and abs(py - y) <= height / 2 + 0.01 for px, py, seen in points if seen)
