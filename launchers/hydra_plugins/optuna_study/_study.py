"""A study, which proposes trials one at a time and gets the result of each.

It knows nothing of launchers and batches.
"""

import dataclasses
import functools
import itertools
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import optuna
from hydra.core.utils import JobReturn
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.optuna_study._one_line import one_line
from hydra_plugins.optuna_study._returned import objective_values
from hydra_plugins.optuna_study._search_space import Parameter, SearchSpace
from hydra_plugins.optuna_study._settings import Settings
from omegaconf import DictConfig
from optuna.distributions import CategoricalDistribution, check_distribution_compatibility, FloatDistribution
from optuna.trial import FrozenTrial, TrialState

_COUNT = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclasses.dataclass(frozen=True)
class Proposal:
    """A trial that is to be run.

    Attributes:
      number: of the trial in the study.
      overrides: of its config.
    """

    number: int
    overrides: list[str]


class SweepStudy:
    """An Optuna study of a search space.

    Args:
      settings: of the sweep.
      space: what trials are made of.
      storage: where it lies, as Optuna takes it; None: in memory.
      name: of the study; None for one that Optuna makes up.
      config: of the sweep, for `custom_search_space`.

    Raises:
      LaunchError: it is there already and has other directions or other values to choose from, or cannot be had.

    Attributes:
      size_of_grid: number of trials that a grid has; None for other samplers.
      exhausted: the sampler has nothing left to propose.
    """

    def __init__(self, settings: Settings, space: SearchSpace, storage: Any, name: str | None, config: DictConfig):
        self._settings, self._space, self._config = settings, space, config
        sampler, self.size_of_grid, self.exhausted = settings.sampler, None, False
        if isinstance(sampler, functools.partial):
            grid = {parameter.key: _grid_of(parameter) for parameter in space.parameters}
            sampler, self.size_of_grid = sampler(grid), len(list(itertools.product(*grid.values())))
        self.sampler = sampler or optuna.samplers.TPESampler()
        try:
            self._study = optuna.create_study(
                study_name=name,
                storage=storage,
                sampler=self.sampler,
                directions=settings.directions,
                load_if_exists=True,
            )
        except Exception as error:  # of databases there are many
            raise LaunchError(f"hydra.sweeper.storage: {storage} cannot be used: {one_line(error)}") from None
        self._check_same()

    @property
    def name(self) -> str:
        """Of the study in its storage."""
        return self._study.study_name

    @property
    def trials(self) -> list[FrozenTrial]:
        """All trials so far, by number."""
        return self._study.trials

    @property
    def completed(self) -> int:
        """Number of trials that a result is known of."""
        return sum(trial.state in _COUNT for trial in self.trials)

    def ask(self) -> Proposal:
        """Makes one more trial; it is running from then on.

        Raises:
          LaunchError: the sampler cannot choose from this search space, or `custom_search_space` failed.
        """
        option = "sampler"
        try:
            trial = self._study.ask({parameter.key: parameter.distribution for parameter in self._space.parameters})
            for override in self._space.fixed:
                key, _, value = override.partition("=")
                trial.set_user_attr(key, value)
            option = "custom_search_space"
            if self._settings.draw_more is not None:
                self._settings.draw_more(self._config, trial)
        except Exception as error:
            raise LaunchError(f"hydra.sweeper.{option}: {type(error).__name__}: {one_line(error)}") from error
        return Proposal(trial.number, self._space.overrides(trial.params))

    def tell(self, number: int, result: JobReturn) -> None:
        """Ends a trial with what the launcher brought back.

        Raises:
          ProgramFailed: it has no result; the study knows the trial as failed.
          NoNumber: the same, as what it returned is not what the study wants.
        """
        try:
            values = objective_values(result, len(self._settings.directions))
        except Exception:
            self.give_up(number)
            raise
        self._end(number, TrialState.COMPLETE, values)

    def give_up(self, number: int) -> None:
        """Ends a trial that came to nothing."""
        self._end(number, TrialState.FAIL, None)

    def best(self) -> dict[str, Any] | None:
        """`best_params` and `best_value`, or of several objectives the `solutions`; None if no trial has a value."""
        if not any(trial.state == TrialState.COMPLETE for trial in self.trials):
            return None
        if len(self._settings.directions) > 1:
            return {"solutions": [{"params": t.params, "values": t.values} for t in self._study.best_trials]}
        trial = self._study.best_trial
        return {"best_params": trial.params, "best_value": trial.value}

    def _end(self, number: int, state: TrialState, values: Sequence[float] | None) -> None:
        try:
            self._study.tell(number, values, state=state)
        except RuntimeError as error:
            if "Study.stop" not in str(error):  # by which samplers that have tried everything end Optuna's own loop
                raise
            self.exhausted = True

    def _check_same(self) -> None:
        directions = [direction.name.lower() for direction in self._study.directions]
        if directions != self._settings.directions:
            raise LaunchError(
                f"hydra.sweeper.direction: the study {self.name} is there already and wants to {', '.join(directions)}"
            )
        known = {key: value for trial in self.trials for key, value in trial.distributions.items()}
        for parameter in self._space.parameters:
            try:
                check_distribution_compatibility(
                    known.get(parameter.key, parameter.distribution), parameter.distribution
                )
            except ValueError:
                raise LaunchError(
                    f"{parameter.key}: the study {self.name} is there already and chose from {known[parameter.key]}, "
                    f"not {parameter.distribution}; give the same values as then"
                ) from None


def _grid_of(parameter: Parameter) -> list[Any]:
    """All values that a grid has of a parameter."""
    distribution: Any = parameter.distribution
    if isinstance(distribution, CategoricalDistribution):
        return list(distribution.choices)
    if distribution.log or not distribution.step:
        raise LaunchError(f"{parameter.key}: a grid has choice(...) and range(...), not interval(...)")
    count = round((distribution.high - distribution.low) / distribution.step) + 1
    kind = float if isinstance(distribution, FloatDistribution) else int
    return [kind(distribution.low + index * distribution.step) for index in range(count)]


def stored_name(file: Path, wanted: str) -> tuple[str, int]:
    """Name of the study that a file is to hold, and number of its trials so far.

    Raises:
      LaunchError: the file has another study, or is no database of Optuna's.
    """
    if not file.exists():
        return wanted, 0
    found = {study.study_name: study.n_trials for study in optuna.get_all_study_summaries(storage_in(file))}
    if found and wanted not in found:
        raise LaunchError(f"hydra.sweeper.study_name: the study in {file} is {next(iter(found))}, not {wanted}")
    return wanted, found.get(wanted, 0)


def storage_in(file: Path) -> optuna.storages.RDBStorage:
    """An Optuna storage in a file, which is made if it is not there.

    Raises:
      LaunchError: it cannot be made, or is no database of Optuna's.
    """

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(file.absolute(), check_same_thread=False)

    try:  # not by a URL: Optuna and SQLAlchemy would take some characters of the path for something of their own
        return optuna.storages.RDBStorage("sqlite:///study.db", engine_kwargs={"creator": connect})
    except Exception as error:
        raise LaunchError(f"{file}: not a study that can be read and written: {one_line(error)}") from None
