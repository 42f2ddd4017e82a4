"""Trials in batches, for launchers that take only batches."""

import logging
import math
import time
from collections.abc import Sequence

from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra_plugins.optuna_study._failures import Failures
from hydra_plugins.optuna_study._returned import NoNumber, ProgramFailed
from hydra_plugins.optuna_study._settings import Settings
from hydra_plugins.optuna_study._study import SweepStudy

log = logging.getLogger(__name__)


class Batches:
    """Runs trials of a study on a launcher.

    Args:
      study: proposes trials and gets their results.
      launcher: of the sweep.
      settings: of the sweep.

    Attributes:
      unfinished: numbers of the trials that the launcher has, or had when it raised.
      launched: whether it has returned any result.
    """

    def __init__(self, study: SweepStudy, launcher: Launcher, settings: Settings) -> None:
        self._study, self._launcher, self._timeout_minutes = study, launcher, settings.timeout_minutes
        self._failures = Failures(settings.max_failure_rate, lambda: study.completed)
        self.unfinished: list[int] = []
        self.launched = False

    def run(self, trials: int, size: int, first_job: int) -> None:
        """Runs new trials, as long as the study has any to propose.

        Args:
          trials: how many in all.
          size: of a batch.
          first_job: number of the first job.

        Raises:
          LaunchError: too many failed.
        """
        ends = time.monotonic() + 60 * self._timeout_minutes if self._timeout_minutes else math.inf
        while trials > 0 and not (self._study.exhausted or self._study.target_reached or time.monotonic() >= ends):
            proposals = [self._study.ask() for _ in range(min(trials, size))]
            self.unfinished = [proposal.number for proposal in proposals]
            returns = self._launcher.launch([proposal.overrides for proposal in proposals], first_job)
            numbers, self.unfinished, self.launched = self.unfinished, [], True
            self._finish(numbers, returns)
            trials, first_job = trials - len(proposals), first_job + len(proposals)

    def _finish(self, numbers: Sequence[int], returns: Sequence[JobReturn]) -> None:
        errors = [self._tell(number, result) for number, result in zip(numbers, returns, strict=True)]
        self._failures.note(errors, batch=True)

    def _tell(self, number: int, result: JobReturn) -> Exception | None:
        try:
            self._study.tell(number, result)
        except (ProgramFailed, NoNumber) as error:
            log.warning("trial %d failed: %s", number, error)
            return error
        return None
