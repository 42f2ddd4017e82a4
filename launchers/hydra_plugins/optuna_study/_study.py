"""A study in the sweep's folder: trials that were cut are run to their end, then those that are missing."""

import json
import logging
import warnings
from pathlib import Path
from typing import Any

import optuna
from hydra.types import HydraContext, TaskFunction
from hydra_plugins.hydra_optuna_sweeper._impl import OptunaSweeperImpl
from hydra_plugins.mpi_launcher._errors import LaunchError
from omegaconf import DictConfig
from optuna.trial import TrialState

STUDY_FILE = "study.db"
STUDY_NAME = "sweep"

_DIRECTIONS = {"higher": "maximize", "lower": "minimize"}
_COUNT = (TrialState.COMPLETE, TrialState.PRUNED)


class StoredStudySweeper(OptunaSweeperImpl):
    """hydra-optuna-sweeper's sweeper, except for where its study lies and what it does with one that lies there.

    Number and words of each trial are those of the launcher's job: trial 7 of the study is job 7 of `jobs.json`. A
    study in a storage that was named by hand may hold more than this sweep: it is left to hydra-optuna-sweeper.
    """

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Takes what Hydra hands over; the launcher has then said which folder it is, an old one or a new one."""
        super().setup(hydra_context=hydra_context, task_function=task_function, config=config)
        self.direction = _DIRECTIONS.get(str(self.direction), self.direction)
        self._folder = Path(str(config.hydra.sweep.dir))
        self._resumes = bool(config.hydra.launcher.get("resume"))
        self._plans = bool(config.hydra.launcher.get("dry_run"))
        self._stores = not self.storage and not self._plans
        if self._stores:
            self.storage = f"sqlite:///{self._folder.absolute() / STUDY_FILE}"
            self.study_name = self.study_name or STUDY_NAME

    def sweep(self, arguments: list[str]) -> None:
        """Runs what is left of `n_trials`; trials that failed do not count.

        Raises:
          LaunchError: a study is in the folder already, and it is not to be resumed.
        """
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        with warnings.catch_warnings():
            # hydra-optuna-sweeper speaks the Optuna of its day, and Optuna says so at every parameter.
            warnings.simplefilter("ignore", FutureWarning)
            if self._plans:
                self._plan(arguments)
                return
            if self._stores:
                self._take_up_study()
            if self.n_trials > 0:
                super().sweep(arguments)

    def _plan(self, arguments: list[str]) -> None:
        """A dry run brings nothing to learn from: one batch shows what a batch looks like."""
        logging.getLogger(OptunaSweeperImpl.__module__).setLevel(logging.CRITICAL)  # it takes no value for a failure
        self.n_trials, self.max_failure_rate = min(self.n_trials, self.n_jobs), 1.0
        try:
            super().sweep(arguments)
        except ValueError:  # it wants the best of the complete trials, of which there is none
            return

    def _take_up_study(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        study = optuna.create_study(
            study_name=self.study_name, storage=self.storage, directions=self._get_directions(), load_if_exists=True
        )
        if not study.trials:
            return
        if not self._resumes:
            raise LaunchError(
                f"hydra.sweep.dir: a study is in {self._folder} already; hydra.launcher.resume={self._folder} "
                "goes on with it"
            )
        self._run_what_was_cut(study)
        self.job_idx = len(study.trials)
        self.n_trials = max(0, self.n_trials - sum(trial.state in _COUNT for trial in study.trials))
        self.sampler.reseed_rng()  # with the seed of the start it would propose its first trials again
        print(f"study    {len(study.trials)} trials in {self._folder / STUDY_FILE}, {self.n_trials} to go", flush=True)

    def _run_what_was_cut(self, study: optuna.Study) -> None:
        """Hands unfinished batches to the launcher again, whose `resume` knows which of their jobs are done."""
        cut = {trial.number for trial in study.trials if trial.state == TrialState.RUNNING}
        jobs, batches = self._read_jobs()
        for first, size in sorted(batches.items()):
            numbers = range(first, first + size)
            if not cut.intersection(numbers):
                continue
            returns = self.launcher.launch([jobs[number]["overrides"] for number in numbers], first)
            for number, result in zip(numbers, returns, strict=True):
                if number in cut:
                    cut.remove(number)
                    _tell(study, number, result)
        for number in cut:  # the process ended before the launcher had heard of them
            study.tell(number, state=TrialState.FAIL)

    def _read_jobs(self) -> tuple[dict[int, dict[str, Any]], dict[int, int]]:
        """Jobs by number, and size of each batch by the number of its first job."""
        facts = json.loads((self._folder / "jobs.json").read_text())
        return tuple({int(number): entry for number, entry in facts[part].items()} for part in ("jobs", "batches"))


def _tell(study: optuna.Study, number: int, result: Any) -> None:
    try:
        value = result.return_value
        study.tell(number, [float(item) for item in value] if isinstance(value, list | tuple) else float(value))
    except Exception as error:
        logging.getLogger(__name__).warning("trial %d failed: %s", number, error)
        study.tell(number, state=TrialState.FAIL)
