"""A study, which proposes trials one at a time and gets the result of each.

It knows nothing of launchers and batches.
"""

import dataclasses
import functools
import itertools
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from typing import Any

import optuna
from hydra.core.utils import JobReturn
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.optuna_study._choosing import chosen, drawn_before, grid_of
from hydra_plugins.optuna_study._one_line import one_line
from hydra_plugins.optuna_study._returned import metadata_values, objective_values
from hydra_plugins.optuna_study._search_space import SearchSpace
from hydra_plugins.optuna_study._settings import Settings
from omegaconf import DictConfig
from optuna.distributions import check_distribution_compatibility
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
      storage: an Optuna storage or its URL; None: in memory.
      name: of the study; None for one that Optuna makes up.
      config: of the sweep, for `custom_search_space`.

    Raises:
      LaunchError: it exists with other directions or another search space, or its storage cannot be used.

    Attributes:
      size_of_grid: number of trials that a grid has; None for other samplers.
      exhausted: the sampler has nothing left to propose.
    """

    def __init__(self, settings: Settings, space: SearchSpace, storage: Any, name: str | None, config: DictConfig):
        self._settings, self._space, self._config = settings, space, config
        self._known: dict[int, optuna.trial.Trial] = {}
        sampler, self.size_of_grid, self.exhausted = settings.sampler, None, False
        if isinstance(sampler, functools.partial):
            grid = {parameter.name: grid_of(parameter) for parameter in space.parameters}
            sampler, self.size_of_grid = sampler(grid), len(list(itertools.product(*grid.values())))
        self.sampler = sampler or optuna.samplers.TPESampler()
        try:
            self._study = optuna.create_study(
                study_name=name,
                storage=storage,
                sampler=self.sampler,
                pruner=settings.pruner,
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
    def optuna_study(self) -> optuna.Study:
        """As Optuna has it."""
        return self._study

    @property
    def keys(self) -> list[str]:
        """Of the overrides that distinguish the trials."""
        return list(dict.fromkeys(parameter.key.lstrip("+") for parameter in self._space.parameters))

    @property
    def objective_names(self) -> list[str]:
        """Of the values of a trial."""
        further = list(self._settings.objectives)
        returned = len(self._settings.directions) - len(further)
        name = str(self._config.hydra.launcher.get("value_name") or "value")
        return [*([name] if returned == 1 else [f"{name} {number + 1}" for number in range(returned)]), *further]

    @property
    def trials(self) -> list[FrozenTrial]:
        """All trials so far, by number. Not to be changed."""
        return self._study.get_trials(deepcopy=False)

    @property
    def completed(self) -> int:
        """Number of trials that a result is known of."""
        return sum(trial.state in _COUNT for trial in self.trials)

    @property
    def asked(self) -> int:
        """Number of trials that have been proposed."""
        return len(self.trials) - len(self._waiting())

    def counted(self) -> str:
        """How the trials ended, as text: `2 failed, 1 pruned`."""
        names = {TrialState.FAIL: "failed", TrialState.PRUNED: "pruned", TrialState.RUNNING: "interrupted"}
        counts = Counter(names.get(trial.state, trial.state.name.lower()) for trial in self.trials)
        return ", ".join(f"{count} {word}" for word, count in counts.items())

    @property
    def target_reached(self) -> bool:
        """Whether the best value is as good as `hydra.sweeper.target`."""
        target = self._settings.target
        if target is None or (best := self.best_number) is None:
            return False
        value = self.trials[best].value
        assert value is not None
        return value >= target if self._settings.directions[0] == "maximize" else value <= target

    @property
    def best_number(self) -> int | None:
        """Number of the best trial of a study with one objective; None if none has a value."""
        done = [trial for trial in self.trials if trial.state == TrialState.COMPLETE and trial.value is not None]
        sign = -1 if self._settings.directions[0] == "maximize" else 1
        return min(done, key=lambda trial: (sign * (trial.value or 0.0), trial.number)).number if done else None

    def enqueue(self, trials: Sequence[Mapping[str, Any]]) -> None:
        """Puts trials first, unless the study has them already.

        Args:
          trials: name -> value, of some parameters.
        """
        for values in trials:
            self._study.enqueue_trial(dict(values), skip_if_exists=True)

    def enqueue_failed(self) -> None:
        """Puts failed trials first again, if the sampler tries all combinations: it proposes each of them once."""
        if not isinstance(self.sampler, optuna.samplers.GridSampler | optuna.samplers.BruteForceSampler):
            return
        failed = [trial.params for trial in self.trials if trial.state == TrialState.FAIL]
        others = [trial.params for trial in self.trials if trial.state != TrialState.FAIL]
        others += [trial.system_attrs.get("fixed_params", {}) for trial in self._waiting()]
        for params in failed:
            if params not in others:
                self._study.enqueue_trial(params)
                others.append(params)

    def ask(self) -> Proposal:
        """Makes one more trial; it is running from then on.

        Raises:
          LaunchError: the sampler cannot choose from this search space, or `custom_search_space` failed.
        """
        try:
            trial = self._study.ask()
        except Exception as error:
            raise LaunchError(f"hydra.sweeper.sampler: {type(error).__name__}: {one_line(error)}") from error
        return self._drawn(trial)

    def running(self, started: Container[int] = ()) -> list[Proposal]:
        """Trials that are running according to the study. One that was interrupted while it was drawn is completed.

        Args:
          started: numbers of trials that were drawn to their end, because their jobs have started.

        Raises:
          LaunchError: the search space has parameters that such a trial lacks; the study stays as it is.
        """
        running = [trial for trial in self.trials if trial.state == TrialState.RUNNING]
        for trial in running:
            if trial.number in started:
                self._space.draw(functools.partial(drawn_before, trial, self.name))
        return [self._drawn(self._trial(trial.number)) for trial in running]

    def _drawn(self, trial: optuna.trial.Trial) -> Proposal:
        option = "sampler"
        try:
            self._space.draw(lambda parameter: chosen(trial, parameter))
            for override in self._space.fixed:
                key, _, value = override.partition("=")
                trial.set_user_attr(key, value)
            option = "custom_search_space"
            if self._settings.draw_more is not None:
                self._settings.draw_more(self._config, trial)
        except Exception as error:
            raise LaunchError(f"hydra.sweeper.{option}: {type(error).__name__}: {one_line(error)}") from error
        self._known[trial.number] = trial
        return Proposal(trial.number, self._space.overrides(trial.params))

    def report(self, number: int, step: int, value: float) -> bool:
        """Keeps an intermediate value of a trial.

        Returns:
          Whether the pruner prunes the trial.

        Raises:
          LaunchError: the pruner failed.
        """
        if len(self._settings.directions) > 1:  # Optuna has no intermediate values of several objectives
            return False
        trial = self._trial(number)
        if step not in self.trials[number].intermediate_values:
            trial.report(value, step)
        try:
            return bool(trial.should_prune())
        except Exception as error:  # of arguments that the pruner accepted when it was made
            raise LaunchError(f"hydra.sweeper.pruner: {type(error).__name__}: {one_line(error)}") from error

    def tell(self, number: int, result: JobReturn, state: str = "") -> None:
        """Ends a trial with what the launcher brought back.

        Args:
          number: of the trial.
          result: of its job.
          state: `pruned` if the trial was pruned.

        Raises:
          ProgramFailed: it has no result; the study knows the trial as failed.
          NoNumber: the same, as what it returned is not what the study wants.
        """
        if state == "pruned":
            self._end(number, TrialState.PRUNED, None)
            return
        further = self._settings.objectives
        try:
            values = objective_values(result, len(self._settings.directions) - len(further))
            values += metadata_values(result, str(self._config.hydra.launcher.get("metadata_file") or ""), further)
        except Exception:
            self.give_up(number)
            raise
        self._end(number, TrialState.COMPLETE, values)

    def give_up(self, number: int) -> None:
        """Ends a trial as failed."""
        self._end(number, TrialState.FAIL, None)

    def best(self) -> dict[str, Any] | None:
        """`best_params` and `best_value`, or of several objectives the `solutions`; None if no trial has a value."""
        if not any(trial.state == TrialState.COMPLETE for trial in self.trials):
            return None
        if len(self._settings.directions) > 1:
            return {"solutions": [{"params": t.params, "values": t.values} for t in self._study.best_trials]}
        trial = self._study.best_trial
        return {"best_params": trial.params, "best_value": trial.value}

    def _trial(self, number: int) -> optuna.trial.Trial:
        if number not in self._known:
            self._known[number] = optuna.trial.Trial(self._study, self.trials[number]._trial_id)
        return self._known[number]

    def _end(self, number: int, state: TrialState, values: Sequence[float] | None) -> None:
        self._known.pop(number, None)
        try:
            self._study.tell(number, values, state=state)
        except RuntimeError as error:
            if "Study.stop" not in str(error):  # by which samplers that have tried everything end Optuna's own loop
                raise
            self.exhausted = not self._waiting()

    def _waiting(self) -> list[FrozenTrial]:
        return [trial for trial in self.trials if trial.state == TrialState.WAITING]

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
                    known.get(parameter.name, parameter.distribution), parameter.distribution
                )
            except ValueError:
                raise LaunchError(
                    f"{parameter.key}: the study {self.name} is there already and chose from {known[parameter.name]}, "
                    f"not {parameter.distribution}; give the same values as then"
                ) from None
