"""A dataset's folder: whether it is one, and all files below it, links followed once, hidden names passed over."""

import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from data.commands import typed, unzip
from data.errors import UserError


def check_folder(root: Path, content: str) -> None:
    """Refuses a `dataset.root` that is no folder.

    Args:
      root: the folder.
      content: what lies in it, for the message.

    Raises:
      UserError: it is not there, or is a file.
    """
    if root.is_dir():
        return
    if not root.exists():
        raise UserError(
            "dataset.root", f"there is no folder {root}", (f"give that of your {content}:  dataset.root=<folder>",)
        )
    folder = root.with_suffix("")
    remedies: tuple[str, ...] = (f"give the folder that your {content} lie in:  {typed('dataset.root', root.parent)}",)
    if zipfile.is_zipfile(root) and not folder.exists():
        remedies = (f"unpack it:  {unzip(root, folder)}", f"and give  {typed('dataset.root', folder)}")
    raise UserError("dataset.root", f"{root} is a file, not a folder", remedies)


def walk_files(root: Path, on_closed: Callable[[OSError], None] | None = None) -> Iterator[Path]:
    """Yields everything below a folder that is no folder, hidden names left out.

    A folder that several links lead to, or a link to a folder above, is walked once, by its real path if it lies below
    the root.

    Args:
      root: the folder.
      on_closed: called with the error of each folder that cannot be opened.
    """
    seen: set[str] = set()
    starts = [root]  # links wait until all real folders are known
    while starts:
        links: list[Path] = []
        for start in sorted(starts):
            for folder, folders, names in os.walk(start, onerror=on_closed, followlinks=False):
                real = os.path.realpath(folder)
                if real in seen:
                    folders.clear()
                    continue
                seen.add(real)
                folders[:] = [name for name in folders if not name.startswith(".")]
                links += [path for name in folders if (path := Path(folder, name)).is_symlink()]
                yield from (Path(folder, name) for name in names if not name.startswith("."))
        starts = links


def files_below(root: Path, *suffixes: str) -> list[Path]:
    """Files with one of some suffixes in lower case, such as `.json`, by path.

    Hidden files and folders are passed over. Links to folders are followed, each folder once.
    """
    return sorted(path for path in walk_files(root) if path.suffix.lower() in suffixes and path.is_file())
