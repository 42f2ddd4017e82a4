"""Silences libraries that print warnings about broken files, for any number of threads."""

import contextlib
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack


class Shared:
    """A context that threads may share: the first to enter opens it, the last to leave closes it.

    Without it, overlapping threads would restore the warnings filter or a redirected file of each other.

    Args:
      make: makes the context.
    """

    def __init__(self, make: Callable[[], AbstractContextManager[object]]) -> None:
        self._make, self._lock, self._inside, self._stack = make, threading.Lock(), 0, ExitStack()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._stack.enter_context(self._make())
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._stack.close()


@contextlib.contextmanager
def _ignored_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _closed_stderr() -> Iterator[None]:
    try:
        kept = os.dup(2)
    except OSError:  # the process has no stderr
        yield
        return
    try:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


WITHOUT_WARNINGS = Shared(_ignored_warnings)
"""Suppresses Python's warnings, which Pillow gives about large pictures and broken metadata."""

WITHOUT_STDERR = Shared(_closed_stderr)
"""Suppresses the process's stderr, to which libtiff and TensorFlow Lite's converter write."""
