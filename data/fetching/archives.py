"""Unpacks untrusted zip files, completely or not at all."""

import errno
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from data.errors import UserError
from data.parallel import Progress, usable_cores

MAX_FILES = 1_000_000
MAX_BYTES = 64 << 30
"""Limits of what an archive may unpack to; SignverOD has a few GB."""

MAX_RATIO = 100
"""Scans and records are compressed already, so an archive that grows more than a hundredfold is a zip bomb."""

SPARE_BYTES = 64 << 20
"""Bytes that must stay free on the disk."""

_RATIO_FROM_BYTES = 64 << 20

_SCRATCH = ".signver.partial"
"""Suffix of the folders that archives are unpacked into; no folder of a user has it."""


class BadArchive(Exception):
    """An archive that cannot be unpacked; the message says why."""


def names_in(archive: Path) -> list[str]:
    """Names of the files in a zip file.

    Raises:
      BadArchive: it is no zip file, or it is cut.
    """
    with _opened(archive) as zipped:
        return [info.filename for info in zipped.infolist() if not info.is_dir()]


def unpack(archive: Path, target: Path, progress: Progress | None = None) -> None:
    """Unpacks a zip file into a folder that appears when it is complete, and checks the checksums.

    Args:
      archive: the zip file.
      target: a folder that does not exist yet, or is empty.
      progress: called with (MB written, MB in all).

    Raises:
      BadArchive: it is no zip file, is cut, damaged or encrypted, holds a link, a device or a path outside the target,
        or unpacks to more than `MAX_FILES`, `MAX_BYTES` or `MAX_RATIO`.
      UserError: the disk is too full, or cannot be written.
    """
    with _opened(archive) as zipped:
        files = _checked(zipped.infolist(), archive.stat().st_size)
        total = sum(info.file_size for info in files)
        with disk_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            require_space(target.parent, total, f"to unpack {archive.name}")
            scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=_SCRATCH, dir=target.parent))
            try:
                scratch.chmod(0o755)  # mkdtemp's folders are for their owner alone
                _write_files(zipped, files, scratch, total, progress)
                os.replace(scratch, target)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)


def remove_leftovers(target: Path) -> None:
    """Removes what killed processes left beside a target. The caller holds the lock of the target."""
    for scratch in target.parent.iterdir() if target.parent.is_dir() else ():
        if scratch.name.startswith(f".{target.name}.") and scratch.name.endswith(_SCRATCH):
            shutil.rmtree(scratch, ignore_errors=True)


def require_space(folder: Path, wanted: int, purpose: str) -> None:
    """Makes sure that a disk has enough space.

    Args:
      folder: a folder on the disk.
      wanted: bytes that will be written; `SPARE_BYTES` must stay free besides.
      purpose: ends the message: for what.

    Raises:
      UserError: it has not.
    """
    free = shutil.disk_usage(folder).free
    if free < wanted + SPARE_BYTES:
        raise UserError(
            str(folder),
            f"{free / 1e9:.2f} GB are free, {(wanted + SPARE_BYTES) / 1e9:.2f} GB are needed {purpose}",
            ("free space, or choose a folder on another disk:  dataset.root=<folder>",),
        )


@contextmanager
def disk_errors(target: Path) -> Iterator[None]:
    """Turns errors of the disk into errors of one line.

    Raises:
      UserError: in place of an OSError with an error number.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise UserError(str(target), "the disk is full; nothing was kept", ("free space and try again",)) from None
        if error.errno is None:
            raise
        raise UserError(
            str(target), f"cannot be written ({error.strerror})", ("choose another folder:  dataset.root=<folder>",)
        ) from None


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(archive) as zipped:
            yield zipped
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as error:
        raise BadArchive(f"is no zip file, or a cut or damaged one ({error})") from None


def _checked(entries: Sequence[zipfile.ZipInfo], archive_bytes: int) -> list[zipfile.ZipInfo]:
    """The files of an archive. Raises BadArchive if any entry is harmful."""
    files, places = [], set()
    for info in entries:
        path, kind = PurePosixPath(info.filename), stat.S_IFMT(info.external_attr >> 16)
        if path.is_absolute() or ".." in path.parts or "\\" in info.filename or ":" in path.parts[0:1]:
            raise BadArchive(f"has a file that would land outside its folder ({info.filename!r})")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise BadArchive(f"has a link or device ({info.filename!r})")
        if info.flag_bits & 1:
            raise BadArchive("is encrypted")
        if info.is_dir():
            continue
        if not path.parts or path in places:
            raise BadArchive(f"has two files of one name ({info.filename!r})")
        places.add(path)
        files.append(info)
    total = sum(info.file_size for info in files)
    if len(files) > MAX_FILES or total > MAX_BYTES:
        raise BadArchive(f"would unpack to {len(files):,} files of {total / 1e9:.1f} GB")
    if total > max(_RATIO_FROM_BYTES, MAX_RATIO * archive_bytes):
        raise BadArchive(f"would grow from {archive_bytes:,} to {total:,} bytes")
    if not files:
        raise BadArchive("has no file in it")
    return files


def _write_files(
    zipped: zipfile.ZipFile, files: Sequence[zipfile.ZipInfo], folder: Path, total: int, progress: Progress | None
) -> None:
    """Unpacks on every core: zlib releases Python's lock, and `ZipFile` shares its file handle safely."""

    def write(info: zipfile.ZipInfo) -> int:
        path = folder / info.filename
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipped.open(info) as source, open(path, "xb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        return info.file_size

    done = 0
    with ThreadPoolExecutor(usable_cores()) as pool:
        try:
            for size in pool.map(write, files):
                done += size
                if progress:
                    progress(done // 1_000_000, total // 1_000_000)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise BadArchive("has two files in one place") from None
        except (OSError, zipfile.BadZipFile, EOFError):
            raise
        except Exception as error:  # zlib.error and its like
            raise BadArchive(f"is damaged ({error})") from None
        finally:
            pool.shutdown(cancel_futures=True)
