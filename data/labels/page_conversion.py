"""Checks picture files with boxes and converts them to TFRecord shards with SignverOD's keys, on every core."""

import collections
import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from data.labelled_pages import Dropped, LabelledPage
from data.labels.picture_names import NO_PICTURE
from data.pages.canvas import paper_value
from data.pages.page_records import BadPage, check_boxes, serialise_encoded_page, serialise_page, shard_prefix
from data.pages.tf_examples import write_records
from data.parallel import map_chunks, Progress
from data.pictures.document_pages import is_pdf, read_page
from data.pictures.greys import grey_on_white
from data.pictures.orientation import orientation_in, UPRIGHT
from data.pictures.packed_png import read_packed
from data.pictures.reading import BadScan, BLANK, is_blank, is_deep, load, open_image, scan_of
from data.pictures.tilt import turn_back
from data.splits.path_names import PARTS

PAGES_A_SHARD = 64

_CHUNK = 8
_ROWS_COMPARED = 24
_PACKED_ROWS_COMPARED = 4
"""Distance of the compared rows of a 1-bit page, which is small; pages of one form have many rows in common."""

_KEPT_AS_FILES = {"PNG": "png", "JPEG": "jpeg", "MPO": "jpeg"}
_KEPT_MODES = ("1", "L", "RGB", "P")

SAME_PICTURE = "the same picture and boxes as"

_SAME_RATIO = 0.01
"""Share by which the ratio of a picture's sides may differ from the ratio of the size in its labels."""


@dataclasses.dataclass(frozen=True)
class CheckedPages:
    """Pages whose pictures were decoded and whose boxes were checked.

    Attributes:
      pages: the usable pages; of pages with the same picture and boxes, one is kept.
      dropped: the others, with the reason.
      content_of: page name -> hash; two pages have the same hash if, and only if, they show the same pixels.
      notes: (label, sentence) lines on the sizes of the pictures.
    """

    pages: list[LabelledPage]
    dropped: list[Dropped]
    content_of: dict[str, str]
    notes: list[tuple[str, str]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class _Checked:
    """What a worker finds out about a page.

    Attributes:
      rows: hash of some rows of pixels; empty for a page that cannot be used.
      reason: why it cannot be used; empty if it can.
      shape: height and width of the picture in pixels.
    """

    rows: str = ""
    reason: str = ""
    shape: tuple[int, int] = (0, 0)


def check_pages(pages: Sequence[LabelledPage], progress: Progress | None = None) -> CheckedPages:
    """Decodes every picture and compares it with its labels.

    Args:
      pages: with the paths of their pictures.
      progress: called after every chunk.
    """
    results = [result for chunk in map_chunks(_check, pages, _CHUNK, progress) for result in chunk]
    contents = _tell_apart(pages, results)
    usable, dropped, content_of, scaled = [], [], {}, []
    seen: dict[tuple[str, bytes, bytes], str] = {}
    for page, content, result in zip(pages, contents, results, strict=True):
        reason = result.reason
        marks = (content, page.boxes.tobytes(), page.labels.tobytes())
        if not reason and marks in seen:
            reason = f"{SAME_PICTURE} {seen[marks]}"
        if reason:
            dropped.append((page.name, reason))
            continue
        seen[marks] = page.name
        content_of[page.name] = content
        usable.append(page)
        if page.size and page.size != result.shape:
            scaled.append((page, result.shape))
    return CheckedPages(usable, dropped, content_of, _notes_on_sizes(scaled))


def _notes_on_sizes(scaled: Sequence[tuple[LabelledPage, tuple[int, int]]]) -> list[tuple[str, str]]:
    """A line on the pages whose labels give another size than their pictures have, if there are any."""
    if not scaled:
        return []
    page, (height, width) = scaled[0]
    given = f"{page.size[1]}x{page.size[0]}" if page.size else ""
    pages_have = "page has" if len(scaled) == 1 else "pages have"
    example = f"{page.name}: {width}x{height}, in its labels {given}"
    return [("sizes", f"{len(scaled):,} {pages_have} another size than the labels say ({example}); boxes are scaled")]


def _tell_apart(pages: Sequence[LabelledPage], results: Sequence[_Checked]) -> list[str]:
    """A hash of each page's picture: of some of its rows or, if two pages share it, of all pixels.

    Hashing all pixels of a page takes as long as decoding it, and two different pictures seldom share these rows.
    """
    often = collections.Counter(result.rows for result in results if not result.reason)
    alike = [number for number, result in enumerate(results) if not result.reason and often[result.rows] > 1]
    contents = [result.rows for result in results]
    hashes = (each for chunk in map_chunks(_hash_pixels, [pages[n] for n in alike], _CHUNK) for each in chunk)
    for number, content in zip(alike, hashes, strict=True):
        contents[number] = content
    return contents


def _hash_pixels(pages: Sequence[LabelledPage]) -> list[str]:
    """Hashes of all pixels of pages that were decoded before; runs in a worker process."""
    hashes = []
    for page in pages:
        pixels = read_page(_path_of(page), page.frame)
        hashes.append(hashlib.blake2b(f"{pixels.shape}".encode() + pixels.tobytes(), digest_size=16).hexdigest())
    return hashes


def _check(pages: Sequence[LabelledPage]) -> list[_Checked]:
    """Checks pages; runs in a worker process."""
    results = []
    for page in pages:
        try:
            results.append(_check_page(page))
        except (BadPage, BadScan) as error:
            results.append(_Checked(reason=str(error)))
    return results


def _check_page(page: LabelledPage) -> _Checked:
    """Checks a page. Raises BadPage or BadScan."""
    check_boxes(page.boxes)
    path = _path_of(page)
    packed = None if page.frame else read_packed(path)
    if packed:
        rows, width = packed
        shape = (len(rows), width)
        _check_size(page, *shape)
        compared = np.ascontiguousarray(rows[::_PACKED_ROWS_COMPARED])
        whole = [part[:, : width // 8] for part in (compared, rows)]
        blank = all(map(is_blank, whole)) and is_blank(np.unpackbits(rows, axis=1)[:, :width])
    else:
        shape, pixels = _pixels_to_check(path, page.frame)
        _check_size(page, *shape)
        compared = pixels[_rows_compared(len(pixels))]
        blank = is_blank(compared) and is_blank(pixels)
    if blank:
        raise BadPage(BLANK)
    content = hashlib.blake2b(f"{shape}".encode(), digest_size=16)
    content.update(np.ascontiguousarray(compared).data)
    return _Checked(content.hexdigest(), shape=shape)


def _pixels_to_check(path: Path, frame: int) -> tuple[tuple[int, int], np.ndarray]:
    """(height and width, uint8 [h, w] pixels) of a page; a JPEG is decoded at about a quarter of its size.

    Raises:
      BadScan: it cannot be read.
    """
    if not frame and not is_pdf(path):
        with open_image(path) as image:
            if _kept_format(image) != "jpeg":
                pixels = scan_of(image, path)
                return (pixels.shape[0], pixels.shape[1]), pixels
            shape = (image.height, image.width)
            image.draft("L", (image.width // 4, image.height // 4))
            load(image, path)
            pixels = grey_on_white(image)
        if not is_blank(pixels):
            return shape, pixels
    pixels = read_page(path, frame)
    return (pixels.shape[0], pixels.shape[1]), pixels


def _check_size(page: LabelledPage, height: int, width: int) -> None:
    if min(width, height) < 8:
        raise BadPage(f"only {width}x{height} pixels")
    if page.size and abs(page.size[0] * width / (page.size[1] * height) - 1) > _SAME_RATIO:
        raise BadPage(f"the picture is {width}x{height}, its labels give {page.size[1]}x{page.size[0]}")


def _rows_compared(height: int) -> range:
    return range(0, height, -(-height // _ROWS_COMPARED))


def _path_of(page: LabelledPage) -> Path:
    if page.path is None or not page.path.exists():
        raise BadPage(NO_PICTURE)
    return page.path


def _kept_format(image: Image.Image) -> str:
    """`png` or `jpeg` if TensorFlow decodes an image, not loaded yet, to the same pixels; otherwise empty."""
    plain = image.mode in _KEPT_MODES and "transparency" not in image.info and not is_deep(image)
    return _KEPT_AS_FILES.get(image.format or "", "") if plain and orientation_in(image) == UPRIGHT else ""


def write_shards(
    folder: Path, pages: Sequence[LabelledPage], progress: Callable[[int, int], None] | None = None
) -> None:
    """Writes pages as `tfrecords/train-*`, `tfrecords/eval-*` (validation) and `tfrecords/test-*`.

    The bytes of PNG and JPEG files are copied. Pages that were tilted, and pictures that TensorFlow would decode to
    other pixels (another format, a page of a document, transparency, 16 bits, a turned photograph), are encoded as grey
    PNG.

    Args:
      folder: where `tfrecords/` is created.
      pages: checked, each with its split.
      progress: called after every shard.
    """
    (folder / "tfrecords").mkdir()
    jobs = []
    for split in PARTS:
        mine = sorted((page for page in pages if page.split == split), key=_shuffled)
        parts = [mine[first : first + PAGES_A_SHARD] for first in range(0, len(mine), PAGES_A_SHARD)]
        for number, part in enumerate(parts):
            jobs.append((folder / "tfrecords" / f"{shard_prefix(split)}-{number:05}-of-{len(parts):05}.tfrecord", part))
    for _ in map_chunks(_write_shards, jobs, 1, progress, start=False):  # starting processes takes longer
        pass


def _shuffled(page: LabelledPage) -> bytes:
    """A sort key by which neighbours in a shard seldom belong to one document."""
    return hashlib.blake2b(page.name.encode(errors="surrogateescape"), digest_size=8).digest()


def _write_shards(jobs: Sequence[tuple[Path, Sequence[LabelledPage]]]) -> None:
    """Writes shards; runs in a worker process."""
    for path, pages in jobs:
        write_records(path, map(_record_of, pages))


def _record_of(page: LabelledPage) -> bytes:
    path, boxes = _path_of(page), check_boxes(page.boxes)
    if page.tilt:
        pixels = read_page(path, page.frame)
        return serialise_page(page.name, turn_back(pixels, page.tilt, paper_value(pixels)), boxes, page.labels)
    if not page.frame and not is_pdf(path):
        content = path.read_bytes()
        with open_image(content) as image:
            kept, size = _kept_format(image), (image.height, image.width)
        if kept:
            return serialise_encoded_page(page.name, content, kept, size, boxes, page.labels)
    return serialise_page(page.name, read_page(path, page.frame), boxes, page.labels)
