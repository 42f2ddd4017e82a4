"""A folder of pictures of somebody's own: which there are, which one a name means."""

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from data.pictures.headers import upright_size_of
from data.pictures.left_out import describe_left_out
from data.pictures.reading import BadScan

IMAGE_SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".dib", ".gif", ".webp"),
    *(".jp2", ".j2k", ".jpf", ".jpx", ".avif", ".heic", ".heif", ".hif", ".pbm", ".pgm", ".ppm", ".pnm"),
)
"""Files that are taken for pictures, whatever they hold."""

LABEL_SUFFIXES = (".txt", ".json", ".xml", ".yaml", ".yml", ".csv", ".names", ".data", ".record", ".tfrecord")
"""Files that may hold labels; the readers of labels say what is wrong with them."""


class ImageFolder:
    """The pictures below a folder, hidden ones aside. Links to folders are followed, each folder once.

    Args:
      root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def pictures(self) -> list[Path]:
        """By path."""
        return [path for path in self._files if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()]

    def left_out(self) -> str:
        """One line on the files that are neither pictures nor labels; empty if there are none."""
        known = {*self.pictures}
        others = [path for path in self._files if path not in known and path.suffix.lower() not in LABEL_SUFFIXES]
        return describe_left_out(others, self._closed)

    @cached_property
    def _files(self) -> list[Path]:
        """Everything that is no folder, by path."""
        self._closed: list[Path] = []
        return sorted(self._walk())

    def _walk(self) -> Iterator[Path]:
        seen: set[str] = set()
        starts = [self.root]  # links wait until all real folders are known
        while starts:
            links: list[Path] = []
            for start in sorted(starts):
                for folder, folders, names in os.walk(start, onerror=self._note_closed, followlinks=False):
                    real = os.path.realpath(folder)
                    if real in seen:
                        folders.clear()
                        continue
                    seen.add(real)
                    folders[:] = [name for name in folders if not name.startswith(".")]
                    links += [path for name in folders if (path := Path(folder, name)).is_symlink()]
                    yield from (Path(folder, name) for name in names if not name.startswith("."))
            starts = links

    def _note_closed(self, error: OSError) -> None:
        self._closed.append(Path(error.filename))

    def size_of(self, path: Path) -> tuple[int, int] | None:
        """(height, width) of a picture as it is shown, by its header; None if it cannot be read."""
        try:
            return upright_size_of(path)
        except BadScan:  # the check of all pages says what is wrong
            return None
