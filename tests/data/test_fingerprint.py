"""Fingerprints change if, and only if, the data change."""

from pathlib import Path

from data.fingerprint import Fingerprint, fingerprint_of


def files(folder: Path, **contents: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_text(content)
    return [folder / name for name in contents]


def test_counts_sizes_and_content(tmp_path: Path):
    found = fingerprint_of(files(tmp_path, a="one", b="three"))
    assert (found.files, found.bytes, len(found.content)) == (2, 8, 20)
    assert fingerprint_of([]) == Fingerprint(fingerprint_of([]).content, 0, 0)


def test_the_place_does_not_matter_and_everything_else_does(tmp_path: Path):
    one = fingerprint_of(files(tmp_path / "one", a="one", b="two"))
    assert fingerprint_of(files(tmp_path / "other", a="one", b="two")) == one
    others = [
        fingerprint_of(files(tmp_path / "1", a="one", b="twO")),
        fingerprint_of(files(tmp_path / "2", a="one", c="two")),
        fingerprint_of(files(tmp_path / "3", b="two", a="one")),
        fingerprint_of(files(tmp_path / "4", a="onet", b="wo")),
        fingerprint_of(files(tmp_path / "5", a="one", b="two"), {"writers": 3}),
    ]
    assert len({one.content, *(other.content for other in others)}) == 6
