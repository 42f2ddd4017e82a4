"""A stopwatch that does not count the time in which a process is suspended."""

import time

LONGEST_STEP = 2.0
"""Longest time between two ticks that counts in full, in seconds: after a longer one, this process was suspended."""


class Stopwatch:
    """Adds up the time between ticks, which are expected often.

    Attributes:
      seconds: at the latest tick.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._last = time.monotonic()

    def tick(self, counts: bool = True) -> float:
        """Adds the time since the tick before, no more than `LONGEST_STEP`, if it counts; returns the sum."""
        now = time.monotonic()
        if counts:
            self.seconds += min(now - self._last, LONGEST_STEP)
        self._last = now
        return self.seconds
