"""The speed of a training."""

import time


class Rate:
    """Examples a second: of the latest steps and of all, evaluations left out.

    Args:
      examples_per_step: of all ranks.

    Attributes:
      seconds: of the steps so far.
      value: examples a second of the latest steps.
    """

    def __init__(self, examples_per_step: int) -> None:
        self._examples = examples_per_step
        self._last: float | None = None
        self._steps = 0
        self.seconds = 0.0
        self.value = 0.0

    def step(self) -> None:
        """Counts a step; the first one after a pause has no known start and does not count."""
        now = time.perf_counter()
        if self._last is not None:
            seconds = now - self._last
            self.seconds += seconds
            self._steps += 1
            rate = self._examples / seconds
            self.value = rate if self._steps <= 3 else 0.95 * self.value + 0.05 * rate
        self._last = now

    def pause(self) -> None:
        """Stops the clock until the next step, for an evaluation."""
        self._last = None

    @property
    def mean(self) -> float:
        """Examples a second of all steps."""
        return self._steps * self._examples / self.seconds if self.seconds else 0.0
