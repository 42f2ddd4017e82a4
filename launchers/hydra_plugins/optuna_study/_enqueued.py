"""`hydra.sweeper.enqueue`: trials that come before those of the sampler."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher.overrides import by_key
from hydra_plugins.optuna_study._search_space import override_text, Parameter, read_value, SearchSpace
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from optuna.distributions import CategoricalDistribution

CONFIG = "config"
"""The entry that stands for the config as it is."""


def enqueued(entries: Sequence[str], space: SearchSpace, config: DictConfig) -> tuple[list[dict[str, Any]], list[str]]:
    """The trials that come first.

    Args:
      entries: of the option.
      space: of the search.
      config: of the sweep, composed without what is swept.

    Returns:
      Name -> value of each, and notes for the user about what cannot be tried: of the config as it is, values that are
      outside of the search space.

    Raises:
      LaunchError: an entry is none, or has a value outside of the search space.
    """
    trials: list[dict[str, Any]] = []
    notes: list[str] = []
    for entry in entries:
        texts = _config_values(space, config) if entry == CONFIG else _given(entry, space)
        values, outside = _values(space, texts)
        if entry != CONFIG and outside:
            raise LaunchError(f"hydra.sweeper.enqueue: {entry}: {outside[0]} is not in the search space")
        if outside:
            notes.append(f"note     enqueue skips the config as it is: {', '.join(outside)} is not in the search space")
        elif values and values not in trials:
            trials.append(values)
    return trials, notes


def _given(entry: str, space: SearchSpace) -> dict[str, str]:
    overrides: list[str] = []
    try:
        for word in shlex.split(entry):
            if overrides and _is_open(overrides[-1]):
                overrides[-1] += f" {word}"
            else:
                overrides.append(word)
    except ValueError as error:
        raise LaunchError(f"hydra.sweeper.enqueue: {entry}: {error}") from None
    texts = by_key(overrides)
    known = [parameter.key.lstrip("+") for parameter in space.parameters]
    for key in texts:
        if key not in known:
            raise LaunchError(f"hydra.sweeper.enqueue: {entry}: the search space has no {key}, only {', '.join(known)}")
    return texts


def _is_open(text: str) -> bool:
    """Whether a list or a dictionary goes on after a space."""
    return sum(map(text.count, "[{")) > sum(map(text.count, "]}"))


def _config_values(space: SearchSpace, config: DictConfig) -> dict[str, str]:
    """Key -> text of the values that the config has."""
    texts = {}
    for parameter in space.parameters:
        key = parameter.key.lstrip("+")
        if key in config.hydra.runtime.choices:
            texts[key] = str(config.hydra.runtime.choices[key])
            continue
        try:
            value = OmegaConf.select(config, key)
        except OmegaConfBaseException:
            continue
        if OmegaConf.is_config(value):
            value = OmegaConf.to_container(value)
        if value is not None or key.rpartition(".")[2] in (_parent(config, key) or {}):
            texts[key] = override_text(value)
    return texts


def _parent(config: DictConfig, key: str) -> Any:
    above = key.rpartition(".")[0]
    return OmegaConf.select(config, above) if above else config


def _values(space: SearchSpace, texts: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Name -> value of the parameters that have a text, and what of them is outside of the search space."""
    values, outside = {}, []
    chosen = {f"{key}={text}" for key, text in texts.items()}
    for parameter in space.parameters:
        key = parameter.key.lstrip("+")
        if key not in texts or (parameter.condition and parameter.condition.lstrip("+") not in chosen):
            continue
        try:
            values[parameter.name] = _value(parameter, texts[key])
        except ValueError:
            outside.append(f"{key}={texts[key]}")
    return values, outside


def _value(parameter: Parameter, text: str) -> Any:
    distribution: Any = parameter.distribution
    if isinstance(distribution, CategoricalDistribution):
        by_text = {each: choice for choice, each in (parameter.texts or {}).items()}
        plain = {str(choice): choice for choice in by_text.values()}
        read = {repr(read_value(each)): choice for each, choice in by_text.items()}  # [1, 2] and [1,2], true and True
        for choices, given in ((by_text, text), (read, repr(read_value(text))), (plain, text)):
            if given in choices:
                return choices[given]
        for choice in distribution.choices:  # 1e-3 and 0.001
            if isinstance(choice, int | float) and not isinstance(choice, bool) and float(text) == choice:
                return choice
        raise ValueError(text)
    number = float(text)
    value: Any = int(number) if isinstance(distribution.low, int) and number.is_integer() else number
    if not distribution._contains(distribution.to_internal_repr(value)):
        raise ValueError(text)
    return value
