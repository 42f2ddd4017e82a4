"""Text files of every usual encoding."""

from pathlib import Path

import pytest

from data.text_files import read_text

TEXT = "Unterschrift 0.5 Müller\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_texts_of_every_usual_encoding(tmp_path: Path, encoding: str):
    file = tmp_path / "a.txt"
    file.write_bytes(TEXT.encode(encoding))
    assert read_text(file) == TEXT
