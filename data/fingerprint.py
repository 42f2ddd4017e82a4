"""Fingerprints of datasets, which show whether two runs used the same data."""

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.parallel import usable_cores

_CHUNK_BYTES = 1 << 20


@dataclasses.dataclass(frozen=True)
class Fingerprint:
    """The fingerprint of a dataset, which does not depend on the model.

    Attributes:
      content: hash, 20 hexadecimal digits, of names and bytes of all files in their order, and of the drawn part.
      files: number of files.
      bytes: size of all files.
    """

    content: str
    files: int
    bytes: int


def fingerprint_of(files: Sequence[Path], drawn: Any = None) -> Fingerprint:
    """The fingerprint of files and drawn data; reads all files, on every core.

    Args:
      files: in the order in which they are used.
      drawn: settings of the part of the dataset that is drawn, JSON-serialisable.
    """
    from concurrent.futures import ThreadPoolExecutor

    total = hashlib.blake2b(json.dumps(drawn, sort_keys=True).encode(), digest_size=10)
    size = 0
    with ThreadPoolExecutor(usable_cores()) as pool:  # hashing and reading release Python's lock
        for path, (digest, length) in zip(files, pool.map(_hash, files), strict=True):
            total.update(f"\0{path.name}\0{length}\0".encode(errors="surrogateescape") + digest)
            size += length
    return Fingerprint(total.hexdigest(), len(files), size)


def combined(parts: Sequence[Fingerprint]) -> Fingerprint:
    """The fingerprint of several datasets in their order; that of a single dataset is unchanged."""
    if len(parts) == 1:
        return parts[0]
    content = hashlib.blake2b("\0".join(part.content for part in parts).encode(), digest_size=10).hexdigest()
    return Fingerprint(content, sum(part.files for part in parts), sum(part.bytes for part in parts))


def _hash(path: Path) -> tuple[bytes, int]:
    digest, length = hashlib.blake2b(digest_size=16), 0
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            length += len(chunk)
    return digest.digest(), length
