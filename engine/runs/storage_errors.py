"""Storage errors, which are faults of the machine and not of the program, as errors with a remedy."""

import errno
import re

from data.errors import UserError

_REMEDIES = {
    errno.ENOSPC: "free some, or move run_dir or dataset.cache_dir; then run the same command again, which resumes",
    errno.EDQUOT: "free some of your quota; then run the same command again, which resumes",
    errno.EFBIG: "the limit for one file is too low (ulimit -f), or the file system holds no file of this size; "
    "raise it, or put it elsewhere with run_dir or dataset.cache_dir",
    errno.EMFILE: "raise the limit of open files:  ulimit -n 4096",
    errno.ENFILE: "the machine has too many open files; end other programs",
    errno.ESTALE: "the network share was unavailable for a moment; run the same command again, which resumes",
    errno.EROFS: "put it elsewhere with run_dir or dataset.cache_dir",
    errno.EACCES: "give yourself the right to, or put it elsewhere with run_dir or dataset.cache_dir",
    errno.EPERM: "give yourself the right to, or put it elsewhere with run_dir or dataset.cache_dir",
    errno.EIO: "the disk or the network share may be failing; put it elsewhere with run_dir or dataset.cache_dir",
}

SHARED_MEMORY_REMEDY = "see what fills it:  df -h /dev/shm;  in a container:  docker run --shm-size=8g ..."
"""For /dev/shm, through which the threads and processes of a run share locks and memory."""

_TEXTS = {
    errno.ENOSPC: "No space left on device",
    errno.EDQUOT: "Disk quota exceeded",
    errno.EFBIG: "File too large",
    errno.EMFILE: "Too many open files",
    errno.ENFILE: "Too many open files in system",
    errno.ESTALE: "Stale file handle",
    errno.EROFS: "Read-only file system",
    errno.EACCES: "Permission denied",
    errno.EIO: "Input/output error",
}
"""Texts of the C library that TensorFlow's errors quote; they have no number."""


def as_storage_error(error: BaseException) -> UserError | None:
    """A full, read-only or failing disk as an error for the user; None for any other exception.

    Recognises `OSError`s by number and TensorFlow's errors by text, and follows the chain of causes.
    """
    from hydra_plugins.mpi_launcher.launcher import shared_memory_fault

    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        number, place = _of_os(cause) or _of_tensorflow(cause) or (None, "")
        if number in (errno.ENOSPC, errno.EROFS) and not place and (fault := shared_memory_fault()):
            return UserError("storage", fault, (SHARED_MEMORY_REMEDY,))
        if number is not None:
            reason = _TEXTS.get(number, str(cause)).lower()
            return UserError("storage", f"{reason}{f': {place}' if place else ''}", (_REMEDIES[number],))
        cause = cause.__cause__ or cause.__context__
    return None


def _of_os(error: BaseException) -> tuple[int, str] | None:
    if isinstance(error, OSError) and error.errno in _REMEDIES:
        return error.errno, str(error.filename or "")
    if isinstance(error, OSError) and re.search(r"\d+ requested and \d+ written", str(error)):  # numpy's way to say so
        return errno.ENOSPC, ""
    return None


def _of_tensorflow(error: BaseException) -> tuple[int, str] | None:
    if not type(error).__module__.startswith("tensorflow."):
        return None
    text = str(error)
    for number, reason in sorted(_TEXTS.items(), key=lambda item: -len(item[1])):  # the longer of two that begin alike
        if match := re.search(rf"(?:(\S+);\s*)?{re.escape(reason)}", text):
            return number, re.sub(r"_temp/.*|\.tempstate\d+$", "", match[1] or "")
    return None
