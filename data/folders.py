"""Checks and walks folders of a user: links are followed once, hidden names and our own results are left out."""

import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from data.commands import typed, unzip
from data.errors import UserError
from data.own_folders import is_own_folder


def check_folder(root: Path, content: str) -> None:
    """Refuses a `dataset.root` that is no folder.

    Args:
      root: the folder.
      content: what it should hold, in the plural, for the message.

    Raises:
      UserError: it does not exist, or is a file.
    """
    if root.is_dir():
        return
    if not root.exists():
        raise UserError(
            "dataset.root", f"there is no folder {root}", (f"give that of your {content}:  dataset.root=<folder>",)
        )
    folder = root.with_suffix("")
    remedies: tuple[str, ...] = (f"give the folder that your {content} lie in:  {typed('dataset.root', root.parent)}",)
    if root.is_file() and zipfile.is_zipfile(root) and not folder.exists():
        remedies = (f"unpack it:  {unzip(root, folder)}", f"and give  {typed('dataset.root', folder)}")
    raise UserError("dataset.root", f"{root} is a file, not a folder", remedies)


def walk_files(
    root: Path,
    on_closed: Callable[[OSError], None] | None = None,
    on_own: Callable[[Path], None] = lambda folder: None,
) -> Iterator[Path]:
    """Yields the paths of all files below a folder, without hidden ones and those in folders that the program made.

    Each folder is walked once, however many links lead to it: by its real path if that is below the root.

    Args:
      root: the folder; it may itself be one that the program made.
      on_closed: called with the error of each folder that cannot be opened.
      on_own: called with each folder that the program made, instead of walking it.
    """
    seen: set[str] = set()
    starts = [root]  # links come after all real folders
    while starts:
        links: list[Path] = []
        for start in sorted(starts):
            for folder, folders, names in os.walk(start, onerror=on_closed, followlinks=False):
                real = os.path.realpath(folder)
                if real in seen:
                    folders.clear()
                    continue
                seen.add(real)
                own = {name for name in folders if is_own_folder(Path(folder, name))}
                for name in sorted(own):
                    on_own(Path(folder, name))
                folders[:] = [name for name in folders if not name.startswith(".") and name not in own]
                links += [path for name in folders if (path := Path(folder, name)).is_symlink()]
                yield from (Path(folder, name) for name in names if not name.startswith("."))
        starts = links


def may_be_file(path: Path) -> bool:
    """Whether a path is a file, or a link that leads nowhere, which readers report.

    Folders, pipes and devices are none, whatever their names: reading a pipe would wait for its writer.
    """
    return path.is_file() or not path.exists()


def name_below(path: Path, root: Path) -> str:
    """A path relative to a folder, with `/`; the name alone if it is not below the folder."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def files_below(root: Path, *suffixes: str) -> list[Path]:
    """Files with one of some suffixes in lower case, such as `.json`, by path.

    Hidden files and folders are left out. Links to folders are followed, each folder once.
    """
    return sorted(path for path in walk_files(root) if path.suffix.lower() in suffixes and path.is_file())
