"""The files that `predict.input` names."""

from collections.abc import Sequence
from pathlib import Path

from data.errors import UserError
from data.pictures.left_out import describe_left_out


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
        others = left_out(path, suffixes)
        raise UserError(
            "predict.input",
            f"no image in {path} (looked for *{', *'.join(suffixes)}" + (f"; {others})" if others else ")"),
        )
    return files


def left_out(path: Path, suffixes: Sequence[str]) -> str:
    """One line on what in a folder is not used; empty if nothing is left out, or the path is a file."""
    if not path.is_dir():
        return ""
    others = [file for file in sorted(path.iterdir()) if file.suffix.lower() not in suffixes and file.name[0] != "."]
    folders = [file for file in others if file.is_dir()]
    text = describe_left_out([file for file in others if file not in folders])
    inside = f"{len(folders):,} folder{'s' * (len(folders) > 1)}, whose files are not used" if folders else ""
    return "; ".join(filter(None, (text, inside)))
