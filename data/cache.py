"""A cache of derived arrays, keyed by the content that they derive from, safe when two runs build it at once."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np


def content_key(settings: dict[str, Any], files: Iterable[Path] = ()) -> str:
    """Hashes settings, file names and file contents into a key of 20 hexadecimal digits.

    Args:
      settings: JSON-serialisable values that the derived arrays depend on, a format version among them.
      files: source files; a changed byte, name or number of files changes the key.
    """
    digest = hashlib.blake2b(json.dumps(settings, sort_keys=True).encode(), digest_size=10)
    for path in files:
        content = path.read_bytes()
        digest.update(f"\0{path.name}\0{len(content)}\0".encode(errors="surrogateescape"))
        digest.update(content)
    return digest.hexdigest()


def load_or_build(cache_dir: Path, key: str, build: Callable[[Path], None]) -> Path:
    """Returns the folder of `key`, and builds it first if it does not exist.

    `build` fills a scratch folder, which is renamed when it is complete, so a folder under its key is always complete.
    If several processes on one machine need the folder, one builds it and the others wait. If the builder is killed,
    another one takes over.

    Args:
      cache_dir: the parent folder, made if missing.
      key: from `content_key`.
      build: called with the empty scratch folder.
    """
    folder = cache_dir / key
    if folder.is_dir():
        return folder
    cache_dir.mkdir(parents=True, exist_ok=True)
    with exclusive(cache_dir / f"{key}.lock"):
        if not folder.is_dir():
            for left in cache_dir.glob(f"{key}.*.partial"):  # of a builder that was killed
                shutil.rmtree(left, ignore_errors=True)
            scratch = Path(tempfile.mkdtemp(prefix=f"{key}.", suffix=".partial", dir=cache_dir))
            try:
                build(scratch)
                os.replace(scratch, folder)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    return folder


@contextlib.contextmanager
def exclusive(lock_file: Path) -> Iterator[None]:
    """Waits until no other process on this machine holds the lock file, and holds it."""
    with open(lock_file, "ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # the kernel releases it when the process ends, however it ends
        yield


def save_arrays(folder: Path, metadata: dict[str, Any], **arrays: np.ndarray) -> None:
    """Writes arrays as `<name>.npy` and metadata as `facts.json` into a folder handed out by `load_or_build`."""
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    (folder / "facts.json").write_text(json.dumps(metadata, indent=1), encoding="utf-8")


def load_array(folder: Path, name: str) -> np.ndarray:
    """Reads one array of `save_arrays`; pickled objects are refused."""
    return np.load(folder / f"{name}.npy", allow_pickle=False)


def load_metadata(folder: Path) -> dict[str, Any]:
    """Reads what `save_arrays` wrote as metadata."""
    return json.loads((folder / "facts.json").read_text(encoding="utf-8"))
