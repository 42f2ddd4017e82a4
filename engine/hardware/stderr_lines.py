"""Removes lines that a C++ library writes to stderr regardless of log levels."""

import contextlib
import os
import threading
from collections.abc import Iterator

STARTING_SERVER = (b"WARNING: All log messages before absl::InitializeLog()", b"I0000 ")
"""Lines of TensorFlow's gRPC server when it starts in a rank."""


@contextlib.contextmanager
def without_lines(*starts: bytes) -> Iterator[None]:
    """Drops lines of this process's stderr that begin with any of `starts`, and passes on all others at once."""
    stderr = os.dup(2)
    reader, writer = os.pipe()
    os.dup2(writer, 2)
    os.close(writer)

    def pass_on() -> None:
        with open(reader, "rb") as lines:
            for line in lines:
                if not line.startswith(starts):
                    os.write(stderr, line)

    thread = threading.Thread(target=pass_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        os.dup2(stderr, 2)  # the last writer of the pipe is gone: the thread ends
        thread.join()
        os.close(stderr)
