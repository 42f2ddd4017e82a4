"""Pictures that replace only those of an earlier extraction."""

from pathlib import Path

from PIL import Image

from data.errors import UserError
from data.own_files import is_own_picture, save_picture


def save_own(path: Path, picture: Image.Image) -> None:
    """Writes a picture in place of an earlier one.

    Raises:
      UserError: a file of the user is there.
    """
    if (path.exists() or path.is_symlink()) and not is_own_picture(path):
        raise UserError(
            "extract.output",
            f"{path} exists, and mode=extract did not write it",
            ("choose another folder:  extract.output=<folder>, or rename it, and run the same command again",),
        )
    save_picture(path, picture)
