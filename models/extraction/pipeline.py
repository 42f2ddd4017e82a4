"""Threads for reading and writing while the network computes, with few pages in memory."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")

_POLL = 0.2
"""Seconds between two checks whether the work has ended."""


class ReadAhead(Generic[A, B]):
    """Reads ahead in threads.

    Args:
      read: yields the parts of an item. Each item is read by one thread, so its parts come in order; parts of several
        items come mixed.
      items: in the order in which they are begun.
      threads: how many read.
      ahead: size of the queue of parts.
    """

    def __init__(self, read: Callable[[A], Iterator[B]], items: Sequence[A], threads: int = 2, ahead: int = 4) -> None:
        self._read, self._items, self._lock = read, iter(items), threading.Lock()
        self._parts: queue.Queue[B | BaseException | None] = queue.Queue(ahead)
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]

    def __enter__(self) -> Iterator[B]:
        for thread in self._threads:
            thread.start()
        return self._take()

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _take(self) -> Iterator[B]:
        working = len(self._threads)
        while working:
            part = self._parts.get()
            if part is None:
                working -= 1
            elif isinstance(part, BaseException):
                raise part
            else:
                yield part

    def _work(self) -> None:
        try:
            while not self._stopped.is_set():
                with self._lock:
                    item = next(self._items, None)
                if item is None:
                    break
                for part in self._read(item):
                    if not self._put(part):
                        return
        except BaseException as error:  # the thread that takes the parts raises it
            self._put(error)
        self._put(None)

    def _put(self, part: B | BaseException | None) -> bool:
        while not self._stopped.is_set():
            try:
                self._parts.put(part, timeout=_POLL)
                return True
            except queue.Full:
                continue
        return False


class Behind:
    """Runs tasks in order in a thread, with a bounded queue.

    The next call, or the end of the context, raises the error of a task.

    Args:
      waiting: size of the queue.
    """

    def __init__(self, waiting: int = 8) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._free = threading.Semaphore(waiting)
        self._error: BaseException | None = None

    def __enter__(self) -> "Behind":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._pool.shutdown()  # runs the queued tasks, after a Ctrl-C too
        if kind is None:
            self._check()

    def do(self, work: Callable[[], None]) -> None:
        """Queues a task; blocks while the queue is full."""
        self._free.acquire()
        self._check()
        self._pool.submit(self._run, work)

    def _run(self, work: Callable[[], None]) -> None:
        try:
            if self._error is None:
                work()
        except BaseException as error:  # `do` and `__exit__` raise it
            self._error = error
        finally:
            self._free.release()

    def _check(self) -> None:
        if self._error is not None:
            raise self._error
