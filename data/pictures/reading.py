"""Reads image files of every format and mode, upright, as grey on white."""

import contextlib
import importlib.util
import io
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, TiffImagePlugin

from data.pictures.grey_png import decode_grey_png
from data.pictures.greys import colours_on_white, grey_on_white, NoGreys, scale_deep
from data.pictures.orientation import orientation_in, turn_pixels
from data.pictures.quiet import WITHOUT_STDERR, WITHOUT_WARNINGS

MAX_PIXELS = 64_000_000
"""Largest scan that is read, in pixels: an A4 page at 720 dpi. More is a broken header or a decompression bomb."""

BLANK = "it is blank: every pixel has the same grey value"
"""The reason why a picture without content is left out."""

_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_REDUCED, _MASK = 1, 4
_NEW_SUBFILE_TYPE, _SUBFILE_TYPE = 254, 255
_PHOTOMETRIC, _YCBCR = 262, 6
_EXTRA_SAMPLES, _OPACITY = 338, (1, 2)
_BITS, _PLANAR, _APART = 258, 284, 2
_DRAWN_BY_PROGRAMS = ("EPS", "WMF")
"""Formats that Pillow passes to Ghostscript or to Windows."""

_NO_PICTURES = (
    (b"version https://git-lfs", "a pointer of Git LFS, not the picture itself; fetch it:  git lfs pull"),
    (b"<!doctype html", "a web page, where a picture is needed"),
    (b"<html", "a web page, where a picture is needed"),
    (b"<svg", "an SVG drawing, which is not read; save it as PNG"),
)
"""(beginning of a file in lower case, what the file is instead of a picture)."""

_OTHER_TIFF = "a TIFF of a kind that is not read, or damaged; save it with 8 or 16 bits, grey or RGB"

_HEIF_IS_READ = importlib.util.find_spec("pillow_heif") is not None
"""Whether the optional package pillow-heif is installed."""

for _order, _ending in ((b"II", ""), (b"MM", "B")):  # Pillow decodes these kinds, but does not list them
    for _photometric in (0, 1):
        for _format, _depth, _mode, _raw in (
            (3, 64, "F", f"F;64{_ending}F"),
            (1, 32, "I", f"I;32{_ending}"),
            (2, 32, "I", f"I;32{_ending}S"),
            (2, 16, "I", f"I;16{_ending}S"),
            (1, 16, f"I;16{_ending}", f"I;16{_ending}"),
        ):
            TiffImagePlugin.OPEN_INFO.setdefault((_order, _photometric, (_format,), 1, (_depth,), ()), (_mode, _raw))

if _HEIF_IS_READ:
    importlib.import_module("pillow_heif").register_heif_opener()


class BadScan(Exception):
    """A scan that cannot be used; the message tells the user why."""


def read_scan(source: Path | str | bytes, frame: int = 0) -> np.ndarray:
    """Reads an image file, or the bytes of one, upright and as grey on white (`data.pictures.greys`).

    Args:
      source: the file's path or its content.
      frame: which page of a TIFF, from 0; of other files only the first picture is a page.

    Returns:
      uint8 [H, W], 0 black to 255 white.

    Raises:
      BadScan: the file is missing, empty, cut, not an image, larger than `MAX_PIXELS`, or has no such page.
    """
    with open_image(source, frame) as image:
        return scan_of(image, source)


def scan_of(image: Image.Image, source: Path | str | bytes, colour: bool = False) -> np.ndarray:
    """Reads the current picture of an open image.

    Args:
      image: from `open_image`.
      source: the file that it was opened from.
      colour: whether a picture that has colours, of eight bits each, is uint8 [H, W, 3], red, green and blue.

    Returns:
      As `read_scan`, or in colour.

    Raises:
      BadScan: as `read_scan`.
    """
    deep = is_deep(image)
    if not deep and (grey := _quick_grey(image, source)) is not None:
        return grey
    number = image.tell() if deep else 0
    has_opacity = not deep or _says_opacity(image)
    orientation = load(image, source)
    try:
        scan = _deep_grey(source, number, has_opacity) if deep else colours_on_white(image) if colour else None
        if scan is None:
            scan = grey_on_white(image)
    except NoGreys as error:
        raise BadScan(str(error)) from None
    return np.ascontiguousarray(scan if image.format == "TIFF" else turn_pixels(scan, orientation))


def _quick_grey(image: Image.Image, source: Path | str | bytes) -> np.ndarray | None:
    """The upright grey values of a plain PNG; None if Pillow has to read the file, or to report its fault."""
    if image.width * image.height > MAX_PIXELS:
        return None
    with WITHOUT_WARNINGS:
        orientation = orientation_in(image)
    try:
        grey = decode_grey_png(image, source)
    except OSError:  # it is gone, or cannot be read any more
        return None
    return None if grey is None else np.ascontiguousarray(turn_pixels(grey, orientation))


def load(image: Image.Image, source: Path | str | bytes) -> int:
    """Decodes an open image and returns its orientation, 1 to 8. Pillow turns the pixels of a TIFF upright.

    Raises:
      BadScan: as `read_scan`.
    """
    if image.width * image.height > MAX_PIXELS:
        raise BadScan(f"{image.width}x{image.height} pixels, more than {MAX_PIXELS:,}")
    if _is_deep_apart(image):
        raise BadScan(_OTHER_TIFF)
    try:
        with WITHOUT_WARNINGS:
            orientation = orientation_in(image)
            image.info.pop("xmp", None)  # Pillow would turn a TIFF by it too
            _fix_raw_ycbcr(image)
            with WITHOUT_STDERR if image.format == "TIFF" else contextlib.nullcontext():
                image.load()
            return orientation
    except Exception as error:  # Pillow raises many types on broken files; every one means "not readable"
        raise _refusal(error, source) from None


def _fix_raw_ycbcr(image: Image.Image) -> None:
    """Corrects uncompressed YCbCr in a TIFF, which Pillow before 13 reads as RGB of four bytes per pixel."""
    tiles = getattr(image, "tile", ())
    if (
        tiles
        and getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == _YCBCR
        and all(tile.codec_name == "raw" and tile.args[0] == "RGBX" for tile in tiles)
    ):
        image._mode = "YCbCr"
        image.tile = [tile._replace(args=("YCbCr", *tile.args[1:])) for tile in tiles]  # type: ignore[attr-defined]


@contextlib.contextmanager
def open_image(source: Path | str | bytes, frame: int = 0) -> Iterator[Image.Image]:
    """Opens a picture without decoding it and without warnings on the console.

    Args:
      source, frame: as of `read_scan`.

    Raises:
      BadScan: the file is missing, empty, not an image, or has no such page.
    """
    try:
        with WITHOUT_WARNINGS:
            image = Image.open(io.BytesIO(source) if isinstance(source, bytes) else source)
    except Exception as error:  # as above
        raise _refusal(error, source) from None
    with image:
        if image.format in _DRAWN_BY_PROGRAMS:
            raise BadScan(f"{image.format}, which another program would have to draw; save it as PNG or PDF")
        if hasattr(image, "filename"):
            image.filename = ""  # with a name, Pillow 13 memory-maps a sideways TIFF with the wrong width
        if frame or image.format == "TIFF":
            go_to_page(image, frame, source)
        yield image


def go_to_page(image: Image.Image, frame: int, source: Path | str | bytes) -> None:
    """Makes a page, counted from 0, the current picture of an open image.

    Raises:
      BadScan: there is no such page, or the file is broken before it.
    """
    pages = frames_that_are_pages(image, source)
    if frame >= len(pages):
        raise BadScan(f"it has no page {frame + 1}, only {len(pages)}")
    image.seek(pages[frame])


def frames_that_are_pages(image: Image.Image, source: Path | str | bytes) -> list[int]:
    """Indices of the pictures in a file that are pages: in a TIFF all but thumbnails and masks, otherwise the first.

    Animations, and the two pictures in one JPEG of some phones, count as one page.

    Raises:
      BadScan: the list of pictures is broken.
    """
    if image.format != "TIFF":
        return [0]
    others = []
    try:
        with WITHOUT_WARNINGS:
            for number in range(getattr(image, "n_frames", 1)):
                image.seek(number)
                tags = getattr(image, "tag_v2", {})
                kind, old_kind = tags.get(_NEW_SUBFILE_TYPE, 0), tags.get(_SUBFILE_TYPE, 0)
                others.append(bool(isinstance(kind, int) and kind & (_REDUCED | _MASK)) or old_kind == 2)
            image.seek(0)
    except Exception as error:  # as above
        raise _refusal(error, source) from None
    return [number for number, other in enumerate(others) if not other] or list(range(len(others)))


def is_blank(scan: np.ndarray) -> bool:
    """Whether a picture, uint8 [H, W], shows nothing: all of it has the same grey value."""
    return bool(scan.min() == scan.max())


def _refusal(error: Exception, source: Path | str | bytes) -> BadScan:
    if isinstance(error, FileNotFoundError):
        return BadScan("no such file")
    if isinstance(error, Image.DecompressionBombError):
        return BadScan(f"more than {MAX_PIXELS:,} pixels")
    if isinstance(error, OSError) and error.errno:
        return BadScan(f"cannot be read ({(error.strerror or str(error)).lower()})")
    start = beginning_of(source)
    if not start:
        return BadScan("not a readable image (the file is empty)")
    if start[4:8] == b"ftyp" and start[8:12] in _HEIF_BRANDS:
        if not _HEIF_IS_READ:
            return BadScan("a HEIC picture, which needs one more package:  pip install pillow-heif")
        return BadScan("not a readable HEIC picture (it is damaged)")
    if b"%PDF-" in start:
        return BadScan("a PDF, where a picture is needed")
    if start.startswith(TIFF_STARTS) and isinstance(error, Image.UnidentifiedImageError):
        return BadScan(_OTHER_TIFF)
    written = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if other := next((what for beginning, what in _NO_PICTURES if written.startswith(beginning)), ""):
        return BadScan(other)
    words = str(error).splitlines()
    reason = (
        words[0] if words and "BytesIO" not in words[0] and "cannot identify" not in words[0] else "no known format"
    )
    return BadScan(f"not a readable image ({reason})")


def beginning_of(source: Path | str | bytes) -> bytes:
    """The first KiB of a file, which identifies its format; empty if it cannot be read."""
    if isinstance(source, bytes):
        return source[:1024]
    try:
        with open(source, "rb") as file:
            return file.read(1024)
    except OSError:
        return b""


def is_deep(image: Image.Image) -> bool:
    """Whether an image that is not loaded yet has colours of 16 bits, of which Pillow keeps only the upper eight."""
    words = [
        word for tile in getattr(image, "tile", ()) for word in (tile[3] if isinstance(tile[3], tuple) else tile[3:])
    ]
    return image.mode in ("RGB", "RGBA", "RGBX", "LA") and any(";16" in word for word in words if isinstance(word, str))


def _is_deep_apart(image: Image.Image) -> bool:
    """Whether an image is a TIFF of deep colours in separate planes, which Pillow and OpenCV read incorrectly."""
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(_BITS, ())
    return tags.get(_PLANAR) == _APART and isinstance(bits, tuple) and len(bits) > 1 and max(bits) > 8


def _says_opacity(image: Image.Image) -> bool:
    """Whether a channel after the colours is opacity; a TIFF may leave its meaning open."""
    extra = getattr(image, "tag_v2", {}).get(_EXTRA_SAMPLES)
    return image.format != "TIFF" or extra in _OPACITY or extra in {(kind,) for kind in _OPACITY}


def _deep_grey(source: Path | str | bytes, number: int, has_opacity: bool) -> np.ndarray | None:
    """The grey values, uint8 [H, W], of a picture with colours of 16 bits; None if OpenCV cannot read it."""
    content = np.frombuffer(source if isinstance(source, bytes) else Path(source).read_bytes(), np.uint8)
    try:
        with WITHOUT_STDERR:
            if number:
                _, frames = cv2.imdecodemulti(content, cv2.IMREAD_UNCHANGED, range=(number, number + 1))
                values = frames[0] if frames else None
            else:
                values = cv2.imdecode(content, cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if values is None or values.dtype != np.uint16 or values.ndim != 3:
        return None
    return scale_deep(values, has_opacity)
