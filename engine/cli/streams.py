"""Standard output and error that end no run: whatever their encoding is, and whoever stops reading them."""

import errno
import io
import os
import select
import sys
from typing import Any

_GONE = (errno.EPIPE, errno.EIO)
"""The reader of a pipe has ended; the terminal is closed."""


class _LastingFile(io.FileIO):
    """A file descriptor whose writes never fail: what cannot be written is dropped."""

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
    """Puts streams in the place of `sys.stdout` and `sys.stderr` that show `?` for what their encoding lacks.

    A stream that was closed leads nowhere; one that is no file descriptor, as under pytest, stays.
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
