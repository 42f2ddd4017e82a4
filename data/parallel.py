"""Work on every core by processes that never see TensorFlow, with progress."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Progress = Callable[[int, int], None]
"""Called with (items done, items in all)."""


def usable_cores() -> int:
    """Number of cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_chunks(
    function: Callable[[Sequence[Any]], Any], items: Sequence[Any], chunk: int, progress: Progress | None = None
) -> Iterator[Any]:
    """Yields `function(items[i : i + chunk])` in order, computed by a process a core.

    Args:
      function: importable by name, since it travels to fresh processes (forking one that runs TensorFlow can hang).
      items: what to work on.
      chunk: items a call: large enough to pay for the trip, small enough to fill the cores.
      progress: called after every chunk.
    """
    chunks = [items[i : i + chunk] for i in range(0, len(items), chunk)]
    if len(chunks) <= 1 or usable_cores() == 1:
        results = map(function, chunks)
        yield from _counted(results, chunks, len(items), progress)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(
        min(usable_cores(), len(chunks)),
        mp_context=get_context("spawn"),
        initializer=signal.signal,  # Ctrl-C reaches the whole group; the parent answers it, once
        initargs=(signal.SIGINT, signal.SIG_IGN),
    )
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
