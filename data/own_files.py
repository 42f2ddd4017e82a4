"""Writes the project's files as a whole, and distinguishes them from files of the user with the same names."""

import contextlib
import itertools
import json
import os
import secrets
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any, TYPE_CHECKING

if TYPE_CHECKING:  # most starts of the program import this module and draw nothing
    from PIL import Image

MARK = "SignVer training"
"""Marks files that the project writes to folders where users may have files of their own."""

_LONGEST_STEM = 120

_QUICKLY = 1
"""zlib's level: a sixth of the default level's time, and a tenth more bytes for a grainy scan."""


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yields a new path beside a path, and renames its file to that path if the context ends without an error.

    A link at the path is replaced, not followed.

    Args:
      path: of the file.

    Yields:
      The path to write to; no file exists there yet.
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
    except Exception:  # Pillow raises many types for files that are no pictures
        return False


def is_sheet(path: Path) -> bool:
    """Whether a file is a sheet that mode=inspect drew under its usual name."""
    return path.name.startswith("inspect_") and is_own_picture(path)


def free_name(names: Sequence[str], taken: Container[str]) -> str:
    """The first name that is not taken; if all are, the last one with `_2`, `_3` and so on at its end.

    Args:
      names: at least one, the preferred one first.
      taken: names of other files.
    """
    numbered = (f"{names[-1]}_{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain(names, numbered) if name not in taken)


def read_json(path: Path) -> Any:
    """The content of a JSON file; None if it is missing, unreadable or a symbolic link."""
    try:
        return None if path.is_symlink() else json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
