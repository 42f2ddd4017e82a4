"""How many trials of a sweep may fail."""

from collections import deque
from collections.abc import Callable

from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.optuna_study._returned import NoNumber, ProgramFailed

MOST_WITHOUT_NUMBER = 5
"""Trials that returned no number, with none that did, after which a sweep ends: the program forgets to return one."""

LATEST = 10
"""Trials that ended last, of which `max_failure_rate` is the share; more where more run at a time."""


class Failures:
    """Counts failed trials, and ends a sweep with too many of them.

    Args:
      most: share of trials whose program may fail.
      completed: number of trials of the study that have a value.
    """

    def __init__(self, most: float, completed: Callable[[], int]) -> None:
        self._most, self._completed = most, completed
        self._without_number = 0
        self._latest: deque[bool] = deque()

    def note(self, errors: list[Exception | None], at_a_time: int = 1, batch: bool = False) -> None:
        """Notes trials that have ended.

        Args:
          errors: why each failed; None if it did not.
          at_a_time: trials that run at a time; the share counts once as many have ended.
          batch: whether the share counts among these trials alone.

        Raises:
          LaunchError: too many have failed.
        """
        failed = [isinstance(error, ProgramFailed) for error in errors]
        if batch:
            self._latest, at_a_time = deque(failed), len(failed)
        else:
            self._latest.extend(failed)
        while len(self._latest) > max(LATEST, at_a_time):
            self._latest.popleft()
        seen, count = len(self._latest), sum(self._latest)
        programs = [error for error in errors if isinstance(error, ProgramFailed)]
        if programs and seen >= (at_a_time if batch else max(2, at_a_time)) and count / seen > self._most:
            raise LaunchError(
                f"{count} of {seen} trials failed, more than hydra.sweeper.max_failure_rate={self._most:g}: "
                f"{programs[0] if batch else programs[-1]}"
            )
        others = [error for error in errors if isinstance(error, NoNumber)]
        self._without_number += len(others)
        if others and self._without_number >= MOST_WITHOUT_NUMBER and not self._completed():
            raise LaunchError(f"none of {self._without_number} trials returned a number for the study: {others[-1]}")
