"""Folders for passing files: TMPDIR, in which mpirun keeps its own, and /dev/shm, for memory that processes share."""

import errno
import os
import tempfile
from pathlib import Path

from hydra_plugins.mpi_launcher._errors import LaunchError

SHARED_MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 1 << 20


def check_scratch() -> None:
    """Makes sure that mpirun can keep its files.

    Raises:
      LaunchError: neither TMPDIR nor the system's own folder can be written, or it is full.
    """
    try:
        folder = Path(tempfile.gettempdir())
    except OSError as error:
        raise LaunchError(f"TMPDIR: {error.strerror}; set TMPDIR to a folder that can be written") from None
    if fault := _fault(folder):
        raise LaunchError(f"TMPDIR: {folder} {fault}; mpirun keeps its files there: set TMPDIR to another folder")


def shared_memory_fault() -> str:
    """What is wrong with /dev/shm, which multiprocessing and MPI share memory through; empty if nothing is."""
    fault = _fault(SHARED_MEMORY)
    return f"{SHARED_MEMORY} {fault}" if fault else ""


def _fault(folder: Path) -> str:
    if not folder.is_dir():
        return "is not a folder" if folder.exists() else "does not exist"
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            os.posix_fallocate(file.fileno(), 0, ENOUGH_BYTES)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return "is full"
        return f"cannot be written ({error.strerror})"
    return ""
