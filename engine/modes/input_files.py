"""The files that `predict.input` names."""

from collections.abc import Sequence
from pathlib import Path

from data.errors import UserError


def find_files(path: Path, suffixes: Sequence[str]) -> list[Path]:
    """The file itself, whatever its name, or the files of a folder that end in one of the suffixes, by name.

    Raises:
      UserError: there is none.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UserError("predict.input", f"{path} does not exist")
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in suffixes)
    if not files:
        raise UserError("predict.input", f"no image in {path} (looked for *{', *'.join(suffixes)})")
    return files
