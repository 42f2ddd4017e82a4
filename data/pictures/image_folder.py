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

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for path in self.pictures:
            found.setdefault(path.name, []).append(path)
        return found

    def find(self, name: str, nearest: Path) -> Path | None:
        """The picture that labels mean by a name: relative to a folder, to the root, or the only one so called."""
        for path in (nearest / name, self.root / name):
            if path.is_file() and path.resolve().is_relative_to(self.root.resolve()):
                return path
        called = self._by_name.get(Path(name).name, [])
        near = [path for path in called if path.is_relative_to(nearest)]
        return near[0] if len(near) == 1 else called[0] if len(called) == 1 else None

    def size_of(self, path: Path) -> tuple[int, int] | None:
        """(height, width) of a picture, by its header; None if it cannot be read."""
        try:
            with Image.open(path) as image:
                return image.height, image.width
        except Exception:  # Pillow raises many types on broken files; the check of all pages says what is wrong
            return None
