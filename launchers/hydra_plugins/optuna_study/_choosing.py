"""Values of a parameter: one that a sampler chooses, one that a trial has, and all that a grid has."""

from typing import Any

import optuna
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.optuna_study._search_space import Parameter
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution


def chosen(trial: optuna.trial.Trial, parameter: Parameter) -> Any:
    """A value of a parameter, by the sampler unless it is known."""
    name, distribution = parameter.name, parameter.distribution
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)
    if isinstance(distribution, FloatDistribution):
        return trial.suggest_float(
            name, distribution.low, distribution.high, step=distribution.step, log=distribution.log
        )
    assert isinstance(distribution, IntDistribution)
    return trial.suggest_int(name, distribution.low, distribution.high, step=distribution.step, log=distribution.log)


def drawn_before(trial: optuna.trial.FrozenTrial, study: str, parameter: Parameter) -> Any:
    """The value that an interrupted trial has of a parameter.

    Raises:
      LaunchError: it has none; `study` is the name of its study.
    """
    if parameter.name not in trial.params:
        raise LaunchError(
            f"{parameter.key}: the study {study} is there already, and its trial {trial.number}, which was "
            "interrupted, has no such parameter; give the same overrides as then"
        )
    return trial.params[parameter.name]


def grid_of(parameter: Parameter) -> list[Any]:
    """All values that a grid has of a parameter."""
    distribution: Any = parameter.distribution
    if parameter.condition:
        raise LaunchError(
            f"hydra.sweeper.when: a grid has no parameters that depend on others, such as {parameter.key}"
        )
    if isinstance(distribution, CategoricalDistribution):
        return list(distribution.choices)
    if distribution.log or not distribution.step:
        raise LaunchError(f"{parameter.key}: a grid has choice(...) and range(...), not interval(...)")
    count = round((distribution.high - distribution.low) / distribution.step) + 1
    kind = float if isinstance(distribution, FloatDistribution) else int
    return [kind(distribution.low + index * distribution.step) for index in range(count)]
