"""Files that the project writes: each appears whole, and is told from a user's file that has the same name."""

import contextlib
import itertools
import json
import os
import secrets
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any, TYPE_CHECKING

if TYPE_CHECKING:  # every start of the program imports this module; most draw nothing
    from PIL import Image

MARK = "SignVer training"
"""Stands in what the project writes where users may have files of their own."""

_LONGEST_STEM = 120

_QUICKLY = 1
"""zlib's level: a sixth of the usual one's time for a tenth more bytes of a grainy scan."""


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Hands out a new name beside a path, which takes the path's place when the context ends well.

    A link at the path is replaced, not followed.

    Args:
      path: of the file.

    Yields:
      The path to write to; nothing is there yet.
    """
    scratch = path.with_name(f".{path.name[:_LONGEST_STEM]}.{os.getpid()}.{secrets.token_hex(4)}.partial")
    try:
        yield scratch
        os.replace(scratch, path)
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink()


def write_whole(path: Path, text: str) -> None:
    """Writes a text file in UTF-8, whole or not at all."""
    with whole_file(path) as scratch, open(scratch, "x", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)


def save_picture(path: Path, picture: "Image.Image") -> None:
    """Writes a picture as PNG with the project's mark, whole or not at all."""
    from PIL.PngImagePlugin import PngInfo

    mark = PngInfo()
    mark.add_text("Software", MARK)
    with whole_file(path) as scratch:
        picture.save(scratch, "PNG", pnginfo=mark, compress_level=_QUICKLY)


def is_own_picture(path: Path) -> bool:
    """Whether a file is a picture from `save_picture`; a link is not."""
    if path.is_symlink() or not path.is_file():
        return False
    from PIL import Image

    try:
        with Image.open(path, formats=["PNG"]) as picture:
            return picture.info.get("Software") == MARK
    except Exception:  # Pillow raises many types on files that are no pictures
        return False


def free_name(names: Sequence[str], taken: Container[str]) -> str:
    """The first name that is not taken; if all are, the last one with `_2`, `_3` and so on at its end.

    Args:
      names: at least one, the preferred one first.
      taken: names of other files.
    """
    numbered = (f"{names[-1]}_{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain(names, numbered) if name not in taken)


def read_json(path: Path) -> Any:
    """What a JSON file holds; None if there is none that can be read, or a link in its place."""
    try:
        return None if path.is_symlink() else json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
