"""Hands SIGTERM, Ctrl-C and a closed terminal to a loop that ends at its next safe point."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any


@contextlib.contextmanager
def noted_signals(note: Callable[[str], None], interrupt_again: bool = False) -> Iterator[None]:
    """Hands the name of each SIGTERM, SIGINT and SIGHUP to a function, as long as the context lasts.

    SIGHUP comes when the terminal is closed. Where it is ignored, as under nohup, it stays so.

    In a thread other than the main one this does nothing: Python hands signals to the main thread.

    Args:
      note: gets `SIGTERM`, `SIGINT` or `SIGHUP`.
      interrupt_again: whether a Ctrl-C after the first signal raises KeyboardInterrupt at once.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, frame: Any) -> None:
        note(signal.Signals(number).name)
        if interrupt_again:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    numbers = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
