"""Files of exports in other formats: their names, their origin, and the needs of their converters."""

import importlib.util
from pathlib import Path

from data.errors import UserError
from data.own_files import MARK

SAVED_MODEL, ONNX, TFLITE = "saved_model", "onnx", "tflite"
FORMATS = (SAVED_MODEL, ONNX, TFLITE)

_NEEDS = {ONNX: ("tf2onnx", "onnx")}


def file_of(export_dir: Path, format_name: str) -> Path:
    """The file of a format: beside the folder of the SavedModel, of the same name."""
    return export_dir.with_name(f"{export_dir.name}.{format_name}")


def check_file(path: Path) -> None:
    """Makes sure that an export can be written to a path.

    Raises:
      UserError: a file exists that is not an export of this project.
    """
    if path.is_symlink() or path.exists():
        own = path.is_file() and not path.is_symlink() and MARK.encode() in path.read_bytes()
        if not own:
            why = f"{path} exists, and is not an export of this project"
            raise UserError("export_dir", why, ("choose another place:  export_dir=<folder>",))


def check_converter(format_name: str) -> None:
    """Makes sure that a format's converter is installed.

    Raises:
      UserError: it is not.
    """
    missing = [package for package in _NEEDS.get(format_name, ()) if importlib.util.find_spec(package) is None]
    if missing:
        raise UserError(
            "export.formats",
            f"{format_name} needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed",
            ("pip install --no-deps -r requirements-formats.txt",),
        )
