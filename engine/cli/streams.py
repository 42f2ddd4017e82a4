"""Standard output and error whose failures, such as a closed pipe or an unknown character, never end a run."""

import errno
import io
import os
import select
import sys
from typing import Any

_GONE = (errno.EPIPE, errno.EIO)
"""The reader of a pipe has ended; the terminal is closed."""


class _LastingFile(io.FileIO):
    """A file descriptor whose writes never fail: it drops what it cannot write."""

    def write(self, data: Any) -> int:
        length = memoryview(data).nbytes
        try:
            while (written := super().write(data)) is None:  # another program made the terminal non-blocking
                select.select([], [self], [])
            return written
        except OSError as error:
            if error.errno in _GONE:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self.fileno())  # for the libraries in C++ too
                os.close(nowhere)
            return length


def make_lasting() -> None:
    """Replaces `sys.stdout` and `sys.stderr` by streams that print `?` for characters that their encoding lacks.

    A closed stream leads nowhere; a stream without a file descriptor, as under pytest, stays.
    """
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for the life of the process
        elif isinstance(stream, io.TextIOWrapper) and _descriptor(stream) == number:
            stream.flush()
            raw = _LastingFile(number, "wb", closefd=False)
            buffered = io.BufferedWriter(raw)
            line_buffered = stream.line_buffering or number == 2
            setattr(
                sys,
                name,
                io.TextIOWrapper(buffered, stream.encoding, "replace", line_buffering=line_buffered),
            )


def _descriptor(stream: io.TextIOWrapper) -> int:
    if isinstance(getattr(stream.buffer, "raw", None), _LastingFile):
        return -1  # done already
    try:
        return stream.fileno()
    except OSError:
        return -1
