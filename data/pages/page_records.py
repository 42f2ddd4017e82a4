"""Records of pages with boxes: TFRecord shards with SignverOD's keys, those of tf-models' `TfExampleDecoder`."""

import dataclasses
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from data.pages.page_classes import CLASSES
from data.pages.tf_examples import parse_example, serialise_example
from data.pictures.orientation import orientation_in, turn_boxes
from data.pictures.reading import BadScan, open_image, read_scan

_CORNERS = ("ymin", "xmin", "ymax", "xmax")
_BOX_KEYS = tuple(f"image/object/bbox/{corner}" for corner in _CORNERS)
_TOLERANCE = 0.005
"""Share of the page by which a box may exceed the edge, where it is cut off; further out it counts as wrong."""


class BadPage(Exception):
    """A record that cannot be used; the message says why."""


@dataclasses.dataclass(frozen=True, eq=False)
class PageRecord:
    """A page and its boxes.

    Attributes:
      name: file name or source id.
      encoded: content of the picture's file.
      boxes: float32 [n, 4], ymin, xmin, ymax, xmax as shares of the page's height and width.
      labels: int64 [n], 1 and up, see `data.pages.page_classes`.
    """

    name: str
    encoded: bytes
    boxes: np.ndarray
    labels: np.ndarray


def shard_prefix(part: str) -> str:
    """Prefix of the shards of a part, `train`, `validation` or `test`; SignverOD calls validation `eval`."""
    return {"validation": "eval"}.get(part, part)


def find_shards(root: Path | str, part: str) -> list[Path]:
    """The shards of a part of the split, `train`, `validation` or `test`, by name; empty if there are none."""
    return sorted(path for path in Path(root, "tfrecords").glob(f"{shard_prefix(part)}*") if path.is_file())


def parse_page(record: bytes) -> PageRecord:
    """Parses and checks one record without decoding its picture. Area and is_crowd are not needed.

    Raises:
      BadPage: a key is missing, a box lies outside the page or is empty, a label is unknown.
    """
    try:
        features = parse_example(record)
    except ValueError as error:
        raise BadPage(str(error)) from None
    name, encoded = encoded_picture(features)
    corners, labels = raw_boxes(features)
    _check_labels(labels, features.get("image/object/class/text", []))
    return PageRecord(
        name, encoded, check_boxes(np.array(corners, np.float32).reshape(-1, 4)), np.array(labels, np.int64)
    )


def encoded_picture(features: dict[str, list[Any]]) -> tuple[str, bytes]:
    """(file name or source id, content of the picture's file) of a record.

    Args:
      features: from `parse_example`.

    Raises:
      BadPage: there is no picture.
    """
    encoded = features.get("image/encoded")
    if not encoded or not isinstance(encoded[0], bytes):
        raise BadPage("image/encoded is missing")
    name = (features.get("image/filename") or features.get("image/source_id") or [b""])[0]
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name), encoded[0]


def raw_boxes(features: dict[str, list[Any]]) -> tuple[list[tuple[float, float, float, float]], list[int]]:
    """(boxes, ymin, xmin, ymax, xmax as shares of the page; their class numbers) of a record, not checked yet.

    Raises:
      BadPage: a key is missing, or its values are of the wrong kind or number.
    """
    labels = features.get("image/object/class/label", [])
    columns = [features.get(key, []) for key in _BOX_KEYS]
    for key, values in zip(("image/object/class/label", *_BOX_KEYS), (labels, *columns), strict=True):
        if key not in features and any((labels, *columns)):
            raise BadPage(f"{key} is missing")
        if len(values) != len(labels):
            raise BadPage(f"{key} has {len(values)} values for {len(labels)} labels")
        if any(isinstance(value, bytes) for value in values):
            raise BadPage(f"{key} holds text, not numbers")
    return list(zip(*columns, strict=True)), labels


def _check_labels(labels: list[int], texts: list[Any]) -> None:
    for label in labels:
        if label not in range(1, len(CLASSES) + 1):
            raise BadPage(f"unknown label {label} (1 to {len(CLASSES)} are known)")
    if len(texts) != len(labels):
        return
    for label, text in zip(labels, texts, strict=True):
        written = text.decode(errors="replace").strip().lower() if isinstance(text, bytes) else ""
        ours = CLASSES[label - 1]
        if written and not written.isdigit() and written.rstrip("s") != ours.rstrip("s"):
            raise BadPage(f"class {label} is {written} in the record, and {ours} in SignverOD")


def check_boxes(boxes: np.ndarray) -> np.ndarray:
    """Checks boxes, float32 [n, 4], ymin, xmin, ymax, xmax as shares of the page, and clips them to the page.

    Raises:
      BadPage: a box lies outside the page or is empty.
    """
    for box in boxes:
        ymin, xmin, ymax, xmax = box
        shown = ", ".join(f"{corner} {value:.4g}" for corner, value in zip(_CORNERS, box, strict=True))
        if not (box.min() >= -_TOLERANCE and box.max() <= 1 + _TOLERANCE):  # NaN fails as well
            raise BadPage(f"a box outside the page ({shown})")
        if not (ymax > ymin and xmax > xmin):
            raise BadPage(f"an empty box ({shown})")
    return boxes.clip(0, 1)


def upright_boxes(record: PageRecord) -> np.ndarray:
    """The boxes of a record on the picture that `decode_page` returns, float32 [n, 4].

    Boxes of records refer to the picture as TensorFlow decodes it, without the rotation that EXIF specifies.

    Raises:
      BadPage: the picture cannot be read.
    """
    try:
        with open_image(record.encoded) as image:
            return turn_boxes(record.boxes, orientation_in(image))
    except BadScan as error:
        raise BadPage(str(error)) from None


def decode_page(record: PageRecord) -> np.ndarray:
    """The upright picture of a page, uint8 [H, W], 0 black to 255 white.

    Raises:
      BadPage: the picture cannot be read.
    """
    try:
        return read_scan(record.encoded)
    except BadScan as error:
        raise BadPage(str(error)) from None


def serialise_page(name: str, pixels: np.ndarray, boxes: np.ndarray, labels: np.ndarray) -> bytes:
    """Serialises a page as a record with SignverOD's keys, with the picture as PNG.

    Args:
      name: file name or source id.
      pixels: uint8 [H, W].
      boxes, labels: as in `PageRecord`.
    """
    bilevel = bool(np.isin(pixels, (0, 255)).all())
    options = [cv2.IMWRITE_PNG_BILEVEL, 1] if bilevel else [cv2.IMWRITE_PNG_COMPRESSION, 3]
    encoded = cv2.imencode(".png", pixels, options)[1].tobytes()
    return serialise_encoded_page(name, encoded, "png", pixels.shape, boxes, labels)


def serialise_encoded_page(
    name: str, encoded: bytes, file_format: str, size: tuple[int, int], boxes: np.ndarray, labels: np.ndarray
) -> bytes:
    """Serialises a page with an encoded picture as a record with SignverOD's keys.

    Args:
      name: file name or source id.
      encoded: the file's content.
      file_format: `png` or `jpeg`, which TensorFlow decodes.
      size: (height, width) in pixels.
      boxes, labels: as in `PageRecord`.
    """
    height, width = size
    sides = boxes[:, 2:] - boxes[:, :2]
    features = {
        "image/encoded": [encoded],
        "image/format": [file_format.encode()],
        "image/filename": [name.encode(errors="surrogateescape")],
        "image/source_id": [name.encode(errors="surrogateescape")],
        "image/height": [height],
        "image/width": [width],
        "image/object/class/label": labels.tolist(),
        "image/object/class/text": [CLASSES[label - 1].encode() for label in labels],
        "image/object/is_crowd": [0] * len(labels),
        "image/object/area": (sides.prod(axis=1) * height * width).tolist(),
    }
    return serialise_example(features | dict(zip(_BOX_KEYS, boxes.T.tolist(), strict=True)))
