"""Untrusted zip files: what is unpacked, what is refused, and that no incomplete folder stays."""

import os
import shutil
import stat
import subprocess
import warnings
import zipfile
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from data.errors import UserError
from data.fetching import archives
from data.fetching.archives import BadArchive, names_in, remove_leftovers, unpack

NOISE = np.random.default_rng(0).bytes(200_000)
Usage = namedtuple("Usage", "total used free")


def make_zip(path: Path, entries: dict, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about names that are listed twice
        with zipfile.ZipFile(path, "w", compression) as zipped:
            for name, content in entries.items():
                zipped.writestr(name, content)
    return path


def special(name: str, kind: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (kind | 0o777) << 16
    return info


def assert_nothing_left(folder: Path, *expected: str) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(expected)


def test_what_was_packed_is_unpacked(tmp_path: Path):
    content = {f"folder/{n}/file.bin": NOISE[: 1000 * n] for n in range(20)} | {"empty/": b"", "a b ü.csv": b"x"}
    archive = make_zip(tmp_path / "a.zip", content)
    reported = []
    unpack(archive, tmp_path / "out", lambda done, total: reported.append((done, total)))
    files = {str(p.relative_to(tmp_path / "out")): p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert files == {name: data for name, data in content.items() if not name.endswith("/")}
    assert sorted(names_in(archive)) == sorted(files)
    assert len(reported) == 21
    assert_nothing_left(tmp_path, "a.zip", "out")
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) & 0o055


def test_an_empty_folder_is_taken_and_a_full_one_is_not(tmp_path: Path):
    archive = make_zip(tmp_path / "a.zip", {"x": b"1"})
    (tmp_path / "out").mkdir()
    unpack(archive, tmp_path / "out")
    with pytest.raises(UserError, match="cannot be written"):
        unpack(archive, tmp_path / "out")
    assert_nothing_left(tmp_path, "a.zip", "out")
    assert (tmp_path / "out" / "x").read_bytes() == b"1"


HARMFUL = {
    "above": ({"../x": b""}, "would land outside"),
    "above, deeper": ({"a/../../x": b""}, "would land outside"),
    "absolute": ({"/etc/x": b""}, "would land outside"),
    "a drive": ({"C:\\x": b""}, "would land outside"),
    "backslashes": ({"..\\x": b""}, "would land outside"),
    "a link": ({special("x", stat.S_IFLNK): b"/etc/passwd"}, "has a link or device"),
    "a device": ({special("x", stat.S_IFCHR): b""}, "has a link or device"),
    "a pipe": ({special("x", stat.S_IFIFO): b""}, "has a link or device"),
    "one name twice": ({zipfile.ZipInfo("x"): b"1", zipfile.ZipInfo("./x"): b"2"}, "has two files of one name"),
    "a file for a folder": ({"x": b"1", "x/y": b"2"}, "has two files in one place"),
    "nothing": ({"folder/": b""}, "has no file in it"),
}


@pytest.mark.fault(
    "zips with paths that escape, links, devices, two files in one place", "one line; nothing is unpacked"
)
@pytest.mark.parametrize(("entries", "expected"), HARMFUL.values(), ids=HARMFUL)
def test_harmful_archives_are_refused(tmp_path: Path, entries: dict, expected: str):
    archive = make_zip(tmp_path / "a.zip", entries)
    with pytest.raises(BadArchive, match=expected):
        unpack(archive, tmp_path / "out")
    assert_nothing_left(tmp_path, "a.zip")
    assert not (tmp_path.parent / "x").exists()


@pytest.mark.fault("zip bombs: of size, of number", "one line; nothing is unpacked")
def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    archive = make_zip(tmp_path / "a.zip", {"zeros": bytes(archives._RATIO_FROM_BYTES + 1)})
    with pytest.raises(BadArchive, match="would grow from"):
        unpack(archive, tmp_path / "out")
    monkeypatch.setattr(archives, "MAX_BYTES", 1000)
    with pytest.raises(BadArchive, match="would unpack to 1 files"):
        unpack(make_zip(tmp_path / "a.zip", {"x": NOISE}), tmp_path / "out")
    monkeypatch.setattr(archives, "MAX_FILES", 1)
    with pytest.raises(BadArchive, match="would unpack to 2 files"):
        unpack(make_zip(tmp_path / "a.zip", {"x": b"", "y": b""}), tmp_path / "out")
    assert_nothing_left(tmp_path, "a.zip")


@pytest.mark.fault("zips cut, and with a flipped bit", "one line; nothing is unpacked")
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_every_damage_is_noticed(tmp_path: Path, compression: int):
    whole = make_zip(tmp_path / "a.zip", {f"{n}": NOISE[n * 1000 :][:1000] for n in range(5)}, compression).read_bytes()
    for cut in (0, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "a.zip").write_bytes(whole[:cut])
        with pytest.raises(BadArchive, match="is no zip file, or a cut or damaged one"):
            unpack(tmp_path / "a.zip", tmp_path / "out")
    flipped = bytearray(whole)
    flipped[300] ^= 1
    (tmp_path / "a.zip").write_bytes(flipped)
    with pytest.raises(BadArchive, match="damaged"):
        unpack(tmp_path / "a.zip", tmp_path / "out")
    assert_nothing_left(tmp_path, "a.zip")


@pytest.mark.fault("encrypted zips", "one line; nothing is unpacked")
def test_encrypted_archives_are_refused(tmp_path: Path):
    archive = make_zip(tmp_path / "a.zip", {"x": b"secret"})
    content = bytearray(archive.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    archive.write_bytes(content)
    with pytest.raises(BadArchive, match="is encrypted"):
        unpack(archive, tmp_path / "out")


def test_too_little_room_is_seen_before_a_byte_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    archive = make_zip(tmp_path / "a.zip", {"x": NOISE})
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(1 << 30, 1 << 30, archives.SPARE_BYTES))
    monkeypatch.setattr(archives, "_write_files", None)
    with pytest.raises(UserError, match=r"0\.07 GB are free, 0\.07 GB are needed to unpack a\.zip"):
        unpack(archive, tmp_path / "out")
    assert_nothing_left(tmp_path, "a.zip")


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk can be made by root alone")
@pytest.mark.fault("disk full while a zip is unpacked", "one line; nothing is unpacked")
def test_a_disk_that_fills_up_while_unpacking_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", str(disk)], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        archive = make_zip(tmp_path / "a.zip", {"x": NOISE})
        monkeypatch.setattr(archives, "require_space", lambda *arguments: None)  # another program fills the disk
        with pytest.raises(UserError, match="the disk is full; nothing was kept"):
            unpack(archive, disk / "out")
        assert_nothing_left(disk)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_leftovers_of_killed_processes_are_removed(tmp_path: Path):
    (tmp_path / ".out.abc.signver.partial" / "deep").mkdir(parents=True)
    kept = (".other.abc.signver.partial", ".out.backup.partial")
    for name in kept:
        (tmp_path / name).mkdir()
    remove_leftovers(tmp_path / "out")
    assert_nothing_left(tmp_path, *kept)
