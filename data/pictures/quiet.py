"""Libraries that read broken files without a word on the console, from any number of threads."""

import contextlib
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack


class Shared:
    """A context that threads may enter at once: the first opens it, the last to leave closes it.

    `warnings.catch_warnings` and a redirected file would otherwise stay as one of the threads has found them.

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
    except OSError:  # the process has none
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
"""Of Python, which Pillow gives of large pictures and broken metadata."""

WITHOUT_STDERR = Shared(_closed_stderr)
"""Of the process, to which libtiff and the converter of TensorFlow Lite write."""
