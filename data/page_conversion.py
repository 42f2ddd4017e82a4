"""From picture files with boxes to checked TFRecord shards in SignverOD's form, on every core."""

import dataclasses
import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageOps

from data.ink import MAX_PIXELS, read_scan
from data.labelled_pages import Dropped, LabelledPage
from data.page_records import BadPage, check_boxes, serialise_encoded_page, serialise_page
from data.parallel import map_chunks, Progress
from data.tf_examples import write_records

PAGES_A_SHARD = 64

_CHUNK = 8
_KEPT_AS_FILES = {"PNG": "png", "JPEG": "jpeg"}
_KEPT_MODES = ("1", "L", "RGB", "P")

NO_PICTURE = "its picture is not there"
SAME_PICTURE = "the same picture and boxes as"

_SAME_RATIO = 0.01
"""How much the ratio of a picture's sides may differ from that of the page that its labels speak of, as a share."""


@dataclasses.dataclass(frozen=True)
class CheckedPages:
    """Pages of which every picture was decoded and every box looked at.

    Attributes:
      pages: those that can be used; a picture that several pages of the same boxes show is kept once.
      dropped: the others, with the reason.
      content_of: a hash of the pixels by page name.
    """

    pages: list[LabelledPage]
    dropped: list[Dropped]
    content_of: dict[str, str]


def check_pages(pages: Sequence[LabelledPage], progress: Progress | None = None) -> CheckedPages:
    """Decodes every picture and compares it with what its labels say.

    Args:
      pages: with the paths of their pictures.
      progress: told after every chunk.
    """
    usable, dropped, content_of = [], [], {}
    seen: dict[tuple[str, bytes, bytes], str] = {}
    results = (result for chunk in map_chunks(_check, pages, _CHUNK, progress) for result in chunk)
    for page, (content, reason) in zip(pages, results, strict=True):
        marks = (content, page.boxes.tobytes(), page.labels.tobytes())
        if not reason and marks in seen:
            reason = f"{SAME_PICTURE} {seen[marks]}"
        if reason:
            dropped.append((page.name, reason))
            continue
        seen[marks] = page.name
        content_of[page.name] = content
        usable.append(page)
    return CheckedPages(usable, dropped, content_of)


def _check(pages: Sequence[LabelledPage]) -> list[tuple[str, str]]:
    """(hash of the pixels, "") of each page, or ("", why it cannot be used); runs in a worker process."""
    results = []
    for page in pages:
        try:
            results.append((_check_page(page), ""))
        except BadPage as error:
            results.append(("", str(error)))
    return results


def _check_page(page: LabelledPage) -> str:
    check_boxes(page.boxes)
    if page.path is None:
        raise BadPage(NO_PICTURE)
    with _open_picture(page.path) as image:
        orientation = image.getexif().get(0x0112, 1)
        width, height = image.size if orientation < 5 else image.size[::-1]
        if min(width, height) < 8:
            raise BadPage(f"only {width}x{height} pixels")
        if page.size and abs(page.size[0] * width / (page.size[1] * height) - 1) > _SAME_RATIO:
            raise BadPage(f"the picture is {width}x{height}, its labels speak of {page.size[1]}x{page.size[0]}")
        digest = hashlib.blake2b(f"{image.mode} {image.size}".encode(), digest_size=16)
        digest.update(image.tobytes())
    return digest.hexdigest()


def _open_picture(path: Path) -> Image.Image:
    """Opens and decodes a picture. Raises BadPage."""
    try:
        image = Image.open(path)
        if image.width * image.height > MAX_PIXELS:
            raise BadPage(f"{image.width}x{image.height} pixels, more than {MAX_PIXELS:,}")
        image.load()
    except BadPage:
        raise
    except FileNotFoundError:
        raise BadPage(NO_PICTURE) from None
    except Exception as error:  # Pillow raises many types on broken files; every one means "not readable"
        raise BadPage(
            f"not a readable image ({str(error).splitlines()[0] if str(error) else type(error).__name__})"
        ) from None
    return image


def write_shards(
    folder: Path, pages: Sequence[LabelledPage], progress: Callable[[int, int], None] | None = None
) -> None:
    """Writes pages as `tfrecords/train-*` and `tfrecords/eval-*`.

    PNG and JPEG files are taken over byte by byte; what TensorFlow would read otherwise than it is meant (another
    format, transparency, 16 bits, a turned photograph) is written anew as grey PNG.

    Args:
      folder: where `tfrecords/` is made.
      pages: checked, each with its side.
      progress: told after every shard.
    """
    (folder / "tfrecords").mkdir()
    jobs = []
    for side in ("train", "eval"):
        mine = sorted((page for page in pages if page.side == side), key=_shuffled)
        parts = [mine[first : first + PAGES_A_SHARD] for first in range(0, len(mine), PAGES_A_SHARD)]
        for number, part in enumerate(parts):
            jobs.append((folder / "tfrecords" / f"{side}-{number:05}-of-{len(parts):05}.tfrecord", part))
    for _ in map_chunks(_write_shard, jobs, 1, progress):
        pass


def _shuffled(page: LabelledPage) -> bytes:
    """Neighbours in a shard should not be of one document."""
    return hashlib.blake2b(page.name.encode(), digest_size=8).digest()


def _write_shard(jobs: Sequence[tuple[Path, list[LabelledPage]]]) -> None:
    """Runs in a worker process."""
    for path, pages in jobs:
        write_records(path, (_record_of(page) for page in pages))


def _record_of(page: LabelledPage) -> bytes:
    content = page.path.read_bytes()
    boxes = check_boxes(page.boxes)
    with Image.open(io.BytesIO(content)) as image:
        turned = image.getexif().get(0x0112, 1) != 1
        plain = image.mode in _KEPT_MODES and "transparency" not in image.info and not turned
        if plain and image.format in _KEPT_AS_FILES:
            size = (image.height, image.width)
            return serialise_encoded_page(page.name, content, _KEPT_AS_FILES[image.format], size, boxes, page.labels)
        upright = content
        if turned:
            buffer = io.BytesIO()
            ImageOps.exif_transpose(image).convert("RGB").save(buffer, "PNG", compress_level=1)
            upright = buffer.getvalue()
    return serialise_page(page.name, read_scan(upright), boxes, page.labels)
