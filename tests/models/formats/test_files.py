"""Files of other formats: their places, their owners, the needs of their converters."""

from pathlib import Path

import pytest

from data.errors import UserError
from data.own_files import MARK
from models.formats import files
from models.formats.files import check_converter, check_file, file_of


def test_a_file_lies_beside_the_saved_model(tmp_path: Path):
    assert file_of(tmp_path / "export", "onnx") == tmp_path / "export.onnx"
    assert file_of(tmp_path / "v1.2", "tflite") == tmp_path / "v1.2.tflite"


def test_only_exports_of_the_project_are_replaced(tmp_path: Path):
    check_file(tmp_path / "new.onnx")
    (tmp_path / "own.onnx").write_bytes(b"\x08\x07" + MARK.encode())
    check_file(tmp_path / "own.onnx")
    (tmp_path / "mine.onnx").write_bytes(b"\x08\x07")
    (tmp_path / "link.onnx").symlink_to(tmp_path / "own.onnx")
    (tmp_path / "folder.onnx").mkdir()
    for name in ("mine", "link", "folder"):
        with pytest.raises(UserError, match="is not an export of this project"):
            check_file(tmp_path / f"{name}.onnx")


def test_a_missing_converter_is_one_line_that_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    check_converter("saved_model")
    check_converter("tflite")
    monkeypatch.setattr(files.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="onnx needs tf2onnx and onnx, which are not installed") as caught:
        check_converter("onnx")
    assert "requirements-formats.txt" in caught.value.remedies[0]
