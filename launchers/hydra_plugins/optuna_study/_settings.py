"""The sweeper's options, checked: a value that is not valid is an error of one line before anything starts."""

import dataclasses
import functools
import importlib.metadata
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.optuna_study._config import DEFAULT_SAMPLER, StudySweeperConf
from hydra_plugins.optuna_study._making import made
from hydra_plugins.optuna_study._pruner import pruner_from
from omegaconf import DictConfig, ListConfig, OmegaConf

_DIRECTIONS = {
    "higher": "maximize",
    "lower": "minimize",
    "maximize": "maximize",
    "minimize": "minimize",
    "auto": "minimize",
}
_OPTIONS = {field.name for field in dataclasses.fields(StudySweeperConf) if not field.name.startswith("_")}


@dataclasses.dataclass
class Settings:
    """Options as `_config.StudySweeperConf` describes them.

    Attributes:
      directions: `minimize` or `maximize` of each objective.
      sampler: an Optuna sampler; a function of the grid that makes one, if it is a grid's; None for Optuna's default.
      storage: an Optuna storage or the URL of one; None for a file in the sweep's folder.
      pruner: an Optuna pruner.
      enqueue: entries of the option.
      objectives: dotted keys of further objectives, whose directions are the last ones.
      when: as `_config.StudySweeperConf` has it.
      draw_more: of `custom_search_space`.
    """

    directions: list[str]
    n_trials: int
    n_jobs: int
    max_failure_rate: float
    pruner: Any
    enqueue: Sequence[str]
    timeout_minutes: float
    target: float | None
    objectives: Sequence[str]
    when: Mapping[str, Any]
    storage: Any
    study_name: str | None
    params: Mapping[str, Any]
    search_space: Mapping[str, Any]
    draw_more: Callable[[DictConfig, Any], None] | None
    sampler: Any


def require_optuna() -> None:
    """Raises:
    LaunchError: Optuna is not installed, or is too old.
    """
    remedy = 'pip install "optuna>=4,<5"'
    try:
        found = importlib.metadata.version("optuna")
    except importlib.metadata.PackageNotFoundError:
        raise LaunchError(f"hydra.sweeper: the study needs Optuna, which is not installed: {remedy}") from None
    if int(found.split(".")[0]) < 4:
        raise LaunchError(f"hydra.sweeper: the study needs Optuna 4, here is {found}: {remedy}")


def settings_from(options: Mapping[str, Any]) -> Settings:
    """Checks the options of the sweeper.

    Args:
      options: as Hydra hands them over; what is missing has its default.

    Raises:
      LaunchError: an option is unknown or has a value that it does not take.
    """
    if unknown := sorted(set(options) - _OPTIONS):
        raise LaunchError(f"hydra.sweeper.{unknown[0]}: no such option (there are {', '.join(sorted(_OPTIONS))})")
    given = {**dataclasses.asdict(StudySweeperConf(direction="lower")), **options}
    further = {
        key: _directions(value, "objectives") for key, value in _mapping("objectives", given["objectives"]).items()
    }
    for key, names in further.items():
        if len(names) != 1:
            raise LaunchError(f"hydra.sweeper.objectives.{key}: {given['objectives'][key]} is neither lower nor higher")
    directions = [*_directions(given["direction"]), *(name for names in further.values() for name in names)]
    return Settings(
        directions=directions,
        n_trials=_whole_number("n_trials", given["n_trials"], 0),
        n_jobs=_whole_number("n_jobs", given["n_jobs"], 0),
        max_failure_rate=_share("max_failure_rate", given["max_failure_rate"]),
        pruner=pruner_from(given["pruner"], len(directions)),
        enqueue=_texts("enqueue", given["enqueue"]),
        timeout_minutes=_number("timeout_minutes", given["timeout_minutes"], 0.0),
        target=None if given["target"] is None else _target(given["target"], len(directions)),
        objectives=list(further),
        when=_mapping("when", given["when"]),
        storage=made("storage", given["storage"]),
        study_name=None if given["study_name"] is None else str(given["study_name"]),
        params=_mapping("params", given["params"]),
        search_space=_mapping("search_space", given["search_space"]),
        draw_more=_function("custom_search_space", given["custom_search_space"]),
        sampler=_sampler(given["sampler"]),
    )


def _directions(value: Any, option: str = "direction") -> list[str]:
    items = list(value) if isinstance(value, list | tuple | ListConfig) else [value]
    names = [str(getattr(item, "name", item)).lower() for item in items]
    if not names or not set(names) <= _DIRECTIONS.keys():
        raise LaunchError(f"hydra.sweeper.{option}: {value} is none of lower, higher, minimize, maximize, or a list")
    return [_DIRECTIONS[name] for name in names]


def _whole_number(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise LaunchError(f"hydra.sweeper.{name}: {value} is not a value that it takes (a whole number from {least})")
    return value


def _share(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise LaunchError(f"hydra.sweeper.{name}: {value} is not a value that it takes (a number from 0 to 1)")
    return float(value)


def _number(name: str, value: Any, least: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= least:
        raise LaunchError(f"hydra.sweeper.{name}: {value} is not a value that it takes (a number from {least:g})")
    return float(value)


def _target(value: Any, objectives: int) -> float:
    if objectives > 1:
        raise LaunchError("hydra.sweeper.target: a search for several objectives has none; leave it out")
    return _number("target", value, -math.inf)


def _texts(name: str, value: Any) -> list[str]:
    items = [value] if isinstance(value, str) else value or []
    if not isinstance(items, Sequence | ListConfig) or not all(isinstance(item, str) for item in items):
        raise LaunchError(f"hydra.sweeper.{name}: {value} is not a list of texts, such as [config, 'x=1 y=2']")
    return list(items)


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    plain = OmegaConf.to_container(value, resolve=True) if isinstance(value, DictConfig | ListConfig) else value
    if plain is not None and not isinstance(plain, Mapping):
        raise LaunchError(f"hydra.sweeper.{name}: {value} is not of the form key: values")
    return {str(key): entry for key, entry in (plain or {}).items()}


def _sampler(value: Any) -> Any:
    from optuna.samplers import BaseSampler, GridSampler

    if isinstance(value, Mapping):
        value = _without_strange_defaults(value)
        if str(value.get("_target_")).endswith(".GridSampler") and "search_space" not in value:
            value["_partial_"] = True  # the grid is known once the overrides are read
    sampler = made("sampler", value)
    is_grid = isinstance(sampler, functools.partial) and sampler.func is GridSampler
    if sampler is not None and not is_grid and not isinstance(sampler, BaseSampler):
        raise LaunchError(f"hydra.sweeper.sampler: {value} is none of optuna.samplers")
    return sampler


def _without_strange_defaults(value: Mapping[str, Any]) -> dict[str, Any]:
    """Leaves out arguments that only the default sampler takes, if the user names another one."""
    from optuna import samplers

    name = str(value.get("_target_")).rpartition(".")[2]
    taken = inspect.signature(getattr(samplers, name, samplers.TPESampler)).parameters
    return {
        str(key): entry for key, entry in value.items() if key in taken or DEFAULT_SAMPLER.get(str(key)) != entry
    } | {"_target_": value.get("_target_")}


def _function(name: str, value: Any) -> Any:
    return None if not value else made(name, {"_target_": str(value), "_partial_": True})
