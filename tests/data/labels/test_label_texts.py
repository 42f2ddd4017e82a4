"""Label files as text: encodings, numbers, which files there are."""

from pathlib import Path

import pytest

from data.labels.label_texts import files_below, key_of, number_of, read_text

TEXT = "Unterschrift 0.5 Müller\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_texts_of_every_usual_encoding(tmp_path: Path, encoding: str):
    file = tmp_path / "a.txt"
    file.write_bytes(TEXT.encode(encoding))
    assert read_text(file) == TEXT


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3.0),
        (0.25, 0.25),
        ("12", 12.0),
        (" 1.5 ", 1.5),
        ("1,5", 1.5),
        ("-2e-1", -0.2),
        (".5", 0.5),
        ("1,234.5", None),
        ("1_000", None),
        ("nan", None),
        (float("inf"), None),
        (10**400, None),
        (True, None),
        (None, None),
        ("", None),
        ([1], None),
    ],
)
def test_numbers(value: object, number: float | None):
    assert number_of(value) == number


def test_ids_are_the_same_as_text_and_as_number():
    assert key_of(7) == key_of("7") == key_of(7.0) == key_of(" 7 ")
    assert key_of("07") != key_of(7)


def test_hidden_files_are_passed_over_and_links_followed_once(tmp_path: Path):
    for name in ("a.TXT", "b/c.txt", ".git/d.txt", "b/.e.txt", ".ipynb_checkpoints/f.txt", "g.json"):
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text("")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "h.txt").write_text("")
    (tmp_path / "root" / "link").symlink_to(tmp_path / "other")
    (tmp_path / "root" / "b" / "loop").symlink_to(tmp_path / "root")
    found = [path.relative_to(tmp_path / "root").as_posix() for path in files_below(tmp_path / "root", ".txt")]
    assert found == ["a.TXT", "b/c.txt", "link/h.txt"]
