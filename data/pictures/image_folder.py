"""Lists the pictures and documents of a user's folder, and describes other files."""

from functools import cached_property
from pathlib import Path

from data.folders import walk_files
from data.own_files import is_sheet
from data.pictures.left_out import describe_left_out

IMAGE_SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".dib", ".gif", ".webp"),
    *(".jp2", ".j2k", ".jpf", ".jpx", ".avif", ".heic", ".heif", ".hif", ".pbm", ".pgm", ".ppm", ".pnm"),
)
"""Suffixes of files that count as pictures, whatever their content is."""

LABEL_SUFFIXES = (
    *(".txt", ".lst", ".list", ".json", ".xml", ".yaml", ".yml", ".csv"),
    *(".names", ".data", ".record", ".tfrecord"),
)
"""Suffixes of files that may hold labels; the readers of labels report unusable ones."""


class ImageFolder:
    """The files below a folder, without hidden ones and results of the program. Links are followed, each folder once.

    Args:
      root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def pictures(self) -> list[Path]:
        """Picture files, by path."""
        return [path for path in self._files if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()]

    @cached_property
    def documents(self) -> list[Path]:
        """PDF files, by path."""
        return [path for path in self._files if path.suffix.lower() == ".pdf" and path.is_file()]

    def left_out(self, with_documents: bool = False) -> str:
        """One line on the files that are neither pictures nor labels; empty if there are none.

        Args:
          with_documents: whether PDF files are read too.
        """
        known = {*self.pictures, *(self.documents if with_documents else ())}
        others = [path for path in self._files if path not in known and path.suffix.lower() not in LABEL_SUFFIXES]
        return describe_left_out(others, self._closed, sorted(self._own))

    @cached_property
    def _files(self) -> list[Path]:
        """All files, by path."""
        self._closed: list[Path] = []
        self._own: list[Path] = []
        found = sorted(walk_files(self.root, self._note_closed, self._own.append))
        return [path for path in found if not is_sheet(path)]

    def _note_closed(self, error: OSError) -> None:
        self._closed.append(Path(error.filename))
