"""The folder of mode=predict: the files in it that the project wrote and may replace."""

import os
import re
from pathlib import Path

from data.errors import UserError
from data.own_files import is_own_picture, MARK, read_json
from engine.runs.run_folder import is_run

_NAMES = re.compile(r".+_(cleaned|compared|found)\.png|boxes\.json")


def check_predictions(folder: Path, run_dir: Path) -> None:
    """Makes sure that no file of a name that predictions have is a user's.

    Args:
      folder: `predict.output`.
      run_dir: of the run; in its own `predictions` all such files are the project's.

    Raises:
      UserError: one is.
    """
    usual = folder == run_dir / "predictions" and is_run(run_dir)
    names = os.listdir(folder) if folder.is_dir() else []
    for name in sorted(filter(_NAMES.fullmatch, names)):
        file = folder / name
        if not _is_own(file) and not (usual and file.is_file() and not file.is_symlink()):
            raise UserError(
                "predict.output",
                f"{file} exists, and mode=predict did not write it",
                ("choose another folder:  predict.output=<folder>",),
            )


def _is_own(file: Path) -> bool:
    if file.suffix == ".png":
        return is_own_picture(file)
    content = read_json(file)
    info = content.get("info") if isinstance(content, dict) else None
    return isinstance(info, dict) and info.get("description") == MARK
