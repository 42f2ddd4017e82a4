"""All files below a folder, links to folders followed once, hidden names passed over."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path


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
