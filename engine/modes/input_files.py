"""The files that `predict.input` names."""

from collections.abc import Sequence
from pathlib import Path

from data.errors import UserError
from data.folders import may_be_file
from data.pictures.left_out import describe_left_out


def find_files(path: Path, suffixes: Sequence[str]) -> list[Path]:
    """The file itself, whatever its name, or the files of a folder that end in one of the suffixes, by name.

    Raises:
      UserError: there is none.
    """
    if path.is_file():
        return [path]
    check_input("predict.input", path)
    files = sorted(file for file in path.iterdir() if _is_wanted(file, suffixes))
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
    others = [file for file in sorted(path.iterdir()) if not _is_wanted(file, suffixes) and file.name[0] != "."]
    folders = [file for file in others if file.is_dir()]
    text = describe_left_out([file for file in others if file not in folders])
    inside = f"{len(folders):,} folder{'s' * (len(folders) > 1)}, whose files are not used" if folders else ""
    return "; ".join(filter(None, (text, inside)))


def check_input(key: str, path: Path) -> None:
    """Refuses an input that is no file and no folder.

    Raises:
      UserError: it does not exist, or is a pipe or a device.
    """
    if not path.exists():
        raise UserError(key, f"{path} does not exist")
    if not path.is_file() and not path.is_dir():
        raise UserError(key, f"{path} is a pipe or a device, where a file or a folder is needed")


def _is_wanted(file: Path, suffixes: Sequence[str]) -> bool:
    return file.suffix.lower() in suffixes and may_be_file(file)
