"""Findings about a machine, one for each part."""

import dataclasses
import os
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
      part: name of the part.
      found: its version or state.
      fault: why training cannot start; empty if it can.
      remedies: what to do about the fault.
      note: a remark that does not prevent training.
    """

    part: str
    found: str
    fault: str = ""
    remedies: tuple[str, ...] = ()
    note: str = ""


def package_version(package: str) -> str:
    """The installed version of a distribution; empty if there is none."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def library_is_known(name: str) -> bool:
    """Whether the dynamic linker would find a library, without opening it."""
    folders = [Path(folder) for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]
    if any((folder / name).exists() for folder in (*folders, Path("/lib"), Path("/usr/lib"))):
        return True
    try:
        return f"{name}\0".encode() in Path("/etc/ld.so.cache").read_bytes()
    except OSError:
        return False
