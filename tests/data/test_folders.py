"""Files below a folder."""

from pathlib import Path

from data.folders import files_below


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
