"""SIGTERM and Ctrl-C during a training."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def noted_signals(note: Callable[[str], None]) -> Iterator[None]:
    """Hands the name of the first SIGTERM or SIGINT to `note`; a second Ctrl-C interrupts at once."""

    def handle(number: int, frame: Any) -> None:
        note(signal.Signals(number).name)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
