"""A folder of pictures of somebody's own: which there are, which one a name means."""

from functools import cached_property
from pathlib import Path

from PIL import Image

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp")


class ImageFolder:
    """The pictures below a folder, hidden ones aside.

    Args:
      root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def pictures(self) -> list[Path]:
        """By path."""
        return sorted(
            path
            for path in self.root.rglob("*")
            if path.suffix.lower() in IMAGE_SUFFIXES
            and not any(part.startswith(".") for part in path.relative_to(self.root).parts)
            and path.is_file()
        )

    def size_of(self, path: Path) -> tuple[int, int] | None:
        """(height, width) of a picture, by its header; None if it cannot be read."""
        try:
            with Image.open(path) as image:
                return image.height, image.width
        except Exception:  # Pillow raises many types on broken files; the check of all pages says what is wrong
            return None
