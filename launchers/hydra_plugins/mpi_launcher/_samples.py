"""Samples of the trials that a sweep is going to run, composed before the sweeper proposes the first one.

Hydra composes the sweeper, the launcher and the folder of a sweep without what is swept: of `experiment=a,b` it knows
neither. The launcher therefore reads what trials share from samples, one for every option that the sweep tries.
"""

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException


@dataclasses.dataclass(frozen=True)
class Sample:
    """A trial that the sweep may run.

    Attributes:
      overrides: its overrides, as text.
      config: composed with them.
    """

    overrides: list[str]
    config: DictConfig


def sample_trials(loader: ConfigLoader, config: DictConfig, keys: Sequence[str]) -> list[Sample]:
    """The trial of the first values of all that is swept, and one for every other option of a group.

    Whatever cannot be read or composed is left out: the sweeper reports it.

    Args:
      loader: Hydra's.
      config: composed without what is swept.
      keys: dotted; their values, and those of keys that they name, count as the options of a group do.
    """
    swept = _values(loader, config)
    keys = [*keys, *(name for key in keys for name in _named_by(config, key))]
    first = {key: values[0] for key, (_, values) in swept.items() if values}
    trials = [first]
    for key, (override, values) in swept.items():
        is_group = bool(loader.get_group_options(override.key_or_group))
        if is_group or any(f"{name}.".startswith(f"{override.key_or_group}.") for name in keys):
            trials += [{**first, key: value} for value in values[1:]]
    return [sample for trial in trials for sample in _composed(loader, config, trial)]


def _named_by(config: DictConfig, key: str) -> list[str]:
    """Keys whose values a key takes: of `${task.metric}` it is `task.metric`."""
    parent, _, leaf = key.rpartition(".")
    node = OmegaConf.select(config, parent, throw_on_resolution_failure=False) if parent else config
    return re.findall(r"\$\{([\w.]+)\}", unresolved(node, leaf)) if OmegaConf.is_dict(node) else []


def unresolved(node: Any, key: str) -> str:
    """The text of a key in a config node, its interpolations as they are written."""
    values = OmegaConf.to_container(node, resolve=False)
    return str(values.get(key)) if isinstance(values, dict) else ""


def given_overrides(config: DictConfig) -> dict[str, list[str]]:
    """The overrides of the command line: `hydra`, those of Hydra's own config, and `task`, the others."""
    texts: Any = OmegaConf.to_container(config.hydra.overrides, resolve=False)  # they may hold interpolations
    return {kind: [str(override) for override in texts[kind]] for kind in ("hydra", "task")}


def folder_of_sweep(loader: ConfigLoader, config: DictConfig, samples: Sequence[Sample]) -> str:
    """`hydra.sweep.dir` of the trials, if they agree on one, else that of the config without what is swept.

    Args:
      loader: Hydra's.
      config: composed without what is swept.
      samples: of `sample_trials`.
    """
    last = {key: values[-1] for key, (_, values) in _values(loader, config).items() if values}
    folders = set()
    for sample in [*samples, *_composed(loader, config, last)]:
        with hydra_config_of(sample.config), contextlib.suppress(OmegaConfBaseException):
            folders.add(str(sample.config.hydra.sweep.dir))
    return folders.pop() if len(folders) == 1 else str(config.hydra.sweep.dir)


def _composed(loader: ConfigLoader, config: DictConfig, trial: Mapping[str, str | None]) -> list[Sample]:
    overrides = [f"{key}={value}" if value is not None else key for key, value in trial.items()]
    try:
        return [Sample(overrides, loader.load_sweep_config(config, overrides))]
    except (HydraException, OmegaConfBaseException):
        return []


@contextlib.contextmanager
def hydra_config_of(config: DictConfig) -> Iterator[None]:
    """Makes `${hydra:...}` mean a config's own node."""
    before = HydraConfig.instance().cfg
    HydraConfig.instance().set_config(config)
    try:
        yield
    finally:
        HydraConfig.instance().cfg = before


def _values(loader: ConfigLoader, config: DictConfig) -> dict[str, tuple[Override, list[str | None]]]:
    """Key with its `+` -> what the command line or the recipe sets it to; nothing where a sweeper is to choose.

    Empty if one of them cannot be read.
    """
    params = OmegaConf.select(config, "hydra.sweeper.params")
    own = [f"{key}={value}" for key, value in params.items()] if OmegaConf.is_dict(params) else []
    try:
        parsed = OverridesParser.create(config_loader=loader).parse_overrides([*own, *given_overrides(config)["task"]])
    except HydraException:
        return {}
    return {override.get_key_element(): (override, _tried(override)) for override in parsed}


def _tried(override: Override) -> list[Any]:
    if override.is_delete():
        return [None]
    if not override.is_sweep_override():
        return [override.get_value_element_as_str()]
    return list(override.sweep_string_iterator()) if override.is_discrete_sweep() else []
