"""Trials in batches, as Hydra's launchers take them: those that a study still needs, and interrupted ones."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.optuna_study._returned import NoNumber, ProgramFailed
from hydra_plugins.optuna_study._study import SweepStudy
from optuna.trial import TrialState

log = logging.getLogger(__name__)

HOPELESS = 5
"""Trials that returned no number, with none that did, after which a sweep ends: the program forgets to return one."""


class Batches:
    """Runs trials of a study on a launcher.

    Args:
      study: proposes trials and gets their results.
      launcher: of the sweep.
      max_failure_rate: share of a batch's trials whose program failed, above which the sweep ends.

    Attributes:
      unfinished: numbers of the trials that the launcher has, or had when it raised.
      launched: whether it has brought anything back.
    """

    def __init__(self, study: SweepStudy, launcher: Launcher, max_failure_rate: float) -> None:
        self._study, self._launcher, self._max_failure_rate = study, launcher, max_failure_rate
        self._without_number = 0
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
        while trials > 0 and not self._study.exhausted:
            proposals = [self._study.ask() for _ in range(min(trials, size))]
            self.unfinished = [proposal.number for proposal in proposals]
            returns = self._launcher.launch([proposal.overrides for proposal in proposals], first_job)
            numbers, self.unfinished, self.launched = self.unfinished, [], True
            self._finish(numbers, returns)
            trials, first_job = trials - len(proposals), first_job + len(proposals)

    def finish_cut(self, folder: Path) -> None:
        """Hands unfinished batches to the launcher again, whose `resume` knows which of their jobs are done.

        Args:
          folder: of the sweep, with its `jobs.json`; job 7 there is trial 7 of the study.
        """
        cut = {trial.number for trial in self._study.trials if trial.state == TrialState.RUNNING}
        jobs, batches = _read_jobs(folder) if cut else ({}, {})
        for first, size in sorted(batches.items()):
            numbers = range(first, first + size)
            if not cut.intersection(numbers):
                continue
            returns = self._launcher.launch([jobs[number]["overrides"] for number in numbers], first)
            for number, result in zip(numbers, returns, strict=True):
                if number in cut:
                    cut.remove(number)
                    self._tell(number, result)
        for number in cut:  # the process ended before the launcher had heard of them
            self._study.give_up(number)

    def _finish(self, numbers: Sequence[int], returns: Sequence[JobReturn]) -> None:
        results = [self._tell(number, result) for number, result in zip(numbers, returns, strict=True)]
        failures = [error for error in results if isinstance(error, ProgramFailed)]
        if len(failures) / len(numbers) > self._max_failure_rate:
            raise LaunchError(
                f"{len(failures)} of {len(numbers)} trials failed, more than hydra.sweeper.max_failure_rate="
                f"{self._max_failure_rate:g}: {failures[0]}"
            )
        others = [error for error in results if isinstance(error, NoNumber)]
        self._without_number += len(others)
        if others and self._without_number >= HOPELESS and not self._study.completed:
            raise LaunchError(f"none of {self._without_number} trials gave the study a value: {others[-1]}")

    def _tell(self, number: int, result: JobReturn) -> Exception | None:
        try:
            self._study.tell(number, result)
        except (ProgramFailed, NoNumber) as error:
            log.warning("trial %d failed: %s", number, error)
            return error
        return None


def _read_jobs(folder: Path) -> tuple[dict[int, dict[str, Any]], dict[int, int]]:
    """Jobs by number, and size of each batch by the number of its first job."""
    record = json.loads((folder / "jobs.json").read_text())
    jobs, batches = ({int(number): entry for number, entry in record[part].items()} for part in ("jobs", "batches"))
    return jobs, batches
