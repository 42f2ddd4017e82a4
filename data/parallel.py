"""Runs work on every core, in processes without TensorFlow, and reports progress."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

Progress = Callable[[int, int], None]
"""Called with (items done, items in all)."""


def usable_cores() -> int:
    """Number of cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def one_pool() -> Iterator[None]:
    """Lets every `map_chunks` inside the context use the same processes, which start when they are first needed."""
    global _shared
    if _shared is not None:  # inside another `one_pool`
        yield
        return
    _shared = _SharedPool()
    try:
        yield
    finally:
        shared, _shared = _shared, None
        if shared.pool is not None:
            shared.pool.shutdown(cancel_futures=True)


class _SharedPool:
    """The processes of `one_pool`; None until they are needed."""

    pool: "ProcessPoolExecutor | None" = None

    def get(self) -> "ProcessPoolExecutor":
        if self.pool is None:
            self.pool = _new_pool(usable_cores())
        return self.pool


_shared: _SharedPool | None = None


def _new_pool(processes: int) -> "ProcessPoolExecutor":
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    return ProcessPoolExecutor(
        processes,
        mp_context=get_context("spawn"),
        initializer=signal.signal,  # Ctrl-C reaches the whole group; only the parent handles it
        initargs=(signal.SIGINT, signal.SIG_IGN),
    )


def map_chunks(
    function: Callable[[Sequence[Any]], Any],
    items: Sequence[Any],
    chunk: int,
    progress: Progress | None = None,
    start: bool = True,
) -> Iterator[Any]:
    """Yields `function(items[i : i + chunk])` in order, computed by one process on each core.

    Args:
      function: importable by name, because it is sent to spawned processes (forking one that runs TensorFlow can hang).
      items: what to work on.
      chunk: items of a call: many enough to outweigh sending them, few enough to fill the cores.
      progress: called after every chunk.
      start: whether to start processes for the work; otherwise only running processes of `one_pool` are used.
    """
    chunks = [items[i : i + chunk] for i in range(0, len(items), chunk)]
    runs = _shared is not None and _shared.pool is not None
    if len(chunks) <= 1 or usable_cores() == 1 or not (start or runs):
        results = map(function, chunks)
        yield from _counted(results, chunks, len(items), progress)
        return
    if _shared is not None:
        yield from _counted(_shared.get().map(function, chunks), chunks, len(items), progress)
        return
    pool = _new_pool(min(usable_cores(), len(chunks)))
    try:
        yield from _counted(pool.map(function, chunks), chunks, len(items), progress)
    finally:
        pool.shutdown(cancel_futures=True)


def _counted(results: Iterator[Any], chunks: list[Any], total: int, progress: Progress | None) -> Iterator[Any]:
    done = 0
    for result, chunk in zip(results, chunks, strict=True):
        done += len(chunk)
        if progress:
            progress(done, total)
        yield result
