"""A study as a source of jobs: one more trial whenever there is room for it, results as they come."""

import logging
import time
from collections.abc import Sequence

from hydra.core.utils import JobReturn
from hydra_plugins.mpi_launcher._console import report
from hydra_plugins.mpi_launcher.streaming import JobSource
from hydra_plugins.optuna_study._failures import Failures
from hydra_plugins.optuna_study._returned import NoNumber, ProgramFailed
from hydra_plugins.optuna_study._settings import Settings
from hydra_plugins.optuna_study._study import Proposal, SweepStudy

log = logging.getLogger(__name__)


class StudySource(JobSource):
    """Trials of a study.

    Args:
      study: proposes trials and gets their results.
      settings: of the sweep.
      interrupted: trials that were running when the sweep was interrupted; they come first.
      trials: how many new ones.

    Attributes:
      unfinished: numbers of the trials that the launcher has, or had when it raised.
    """

    listens = True

    def __init__(self, study: SweepStudy, settings: Settings, interrupted: Sequence[Proposal], trials: int) -> None:
        self._study, self._settings = study, settings
        self._interrupted, self._new = list(reversed(interrupted)), trials
        self._were_interrupted = {proposal.number for proposal in interrupted}
        self._failures = Failures(settings.max_failure_rate, lambda: study.completed)
        self._at_a_time = 1
        self._ends = time.monotonic() + 60 * settings.timeout_minutes if settings.timeout_minutes else None
        self._why_closed = ""
        self.unfinished: set[int] = set()
        self.keys = study.keys
        self._had_reached = settings.target is not None and study.target_reached
        if self._had_reached:  # the interrupted ones are finished
            self._new = 0
            self._say(self._why_reached())

    def next_job(self) -> tuple[int, Sequence[str]] | None:
        if self._interrupted:
            proposal = self._interrupted.pop()
        elif self._new > 0 and not self._study.exhausted and not self.closed():
            proposal = self._study.ask()
            self._new -= 1
        else:
            return None
        self.unfinished.add(proposal.number)
        self._at_a_time = max(self._at_a_time, len(self.unfinished))
        return proposal.number, proposal.overrides

    def job_ended(self, number: int, result: JobReturn, state: str) -> None:
        self.unfinished.discard(number)
        error: Exception | None = None
        try:
            self._study.tell(number, result, state)
        except (ProgramFailed, NoNumber) as reason:
            error = reason
            if number in self._were_interrupted and not self._had_reached:
                self._new += 1  # a new one replaces it, as it does for those that had failed before
        if state == "cancelled":
            return
        if error is not None:
            log.warning("trial %d failed: %s", number, error)
        self._failures.note([error], self._at_a_time)
        if self._study.target_reached and not self._had_reached:
            self._close(self._why_reached())

    def job_reported(self, number: int, step: int, value: float) -> bool:
        return self._study.report(number, step, value)

    def closed(self) -> bool:
        if self._ends is not None and time.monotonic() >= self._ends:
            self._close(f"hydra.sweeper.timeout_minutes={self._settings.timeout_minutes:g} have passed")
        return bool(self._why_closed)

    def left(self) -> int | None:
        return 0 if self._why_closed or self._study.exhausted else self._new + len(self._interrupted)

    def _close(self, why: str) -> None:
        if not self._why_closed:
            self._why_closed = why
            self._say(why)

    def _why_reached(self) -> str:
        return f"trial {self._study.best_number} has reached hydra.sweeper.target={self._settings.target:g}"

    def _say(self, why: str) -> None:
        log.info("no further trial starts: %s", why)
        report(f"note     {why}: no further trial starts")
