"""Lines that a library in C++ writes to stderr, whatever it is told about logging."""

import contextlib
import os
import threading
from collections.abc import Iterator

STARTING_SERVER = (b"WARNING: All log messages before absl::InitializeLog()", b"I0000 ")
"""What TensorFlow's gRPC server says of each rank as it starts."""


@contextlib.contextmanager
def without_lines(*starts: bytes) -> Iterator[None]:
    """Drops lines of this process's stderr that begin with any of `starts`; the others pass at once."""
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
