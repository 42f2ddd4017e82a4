"""Trials of one sweep are ranked together: by one returned number, in one direction."""

import dataclasses
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._samples import hydra_config_of, Sample
from hydra_plugins.mpi_launcher.directions import AUTO, direction_of_sweeper, LOWER
from hydra_plugins.mpi_launcher.overrides import by_key, varying_keys
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

VALUE_NAME, BETTER = "hydra.launcher.value_name", "hydra.launcher.better"
GROUPS_SHOWN = 4


@dataclasses.dataclass(frozen=True)
class Ranking:
    """How trials are ranked.

    Attributes:
      value_name: of the returned number.
      better: `lower` or `higher` values of it.
      shared: dotted config keys, and the values that all trials must share.
    """

    value_name: str
    better: str
    shared: Mapping[str, str]

    @classmethod
    def of(cls, config: DictConfig, options: DictConfig) -> "Ranking":
        """Reads it from a composed config.

        Args:
          config: with its `hydra` node.
          options: of the launcher, for a config whose launcher is another one.
        """
        with hydra_config_of(config):
            name, better = (_select(config, key) or options[key.rpartition(".")[2]] for key in (VALUE_NAME, BETTER))
            if better == AUTO:
                better = direction_of_sweeper(config.hydra.sweeper) or LOWER
            shared = {key: str(_select(config, key)) for key in options.ranked_by}
        return cls(str(name), str(better), shared)

    @property
    def parts(self) -> dict[str, str]:
        """What must be the same, by its key."""
        return {**self.shared, VALUE_NAME: self.value_name, BETTER: self.better}


def _select(config: DictConfig, key: str) -> Any:
    try:
        return OmegaConf.select(config, key)
    except OmegaConfBaseException:
        return None


def check_ranked_together(trials: Sequence[tuple[Sequence[str], Ranking]], known: Ranking | None = None) -> None:
    """Refuses trials that cannot be ranked together.

    Args:
      trials: overrides and ranking of each.
      known: the ranking that the sweep has already.

    Raises:
      LaunchError: the message gives what differs, and the overrides of sweeps that can be ranked.
    """
    rankings = [ranking.parts for _, ranking in trials]
    every = [overrides for overrides, _ in trials]
    for key in rankings[0] if rankings else ():
        values = list(dict.fromkeys(parts[key] for parts in rankings))
        alone = {
            value: _overrides_of(
                [overrides for overrides, parts in zip(every, rankings, strict=True) if parts[key] == value], every
            )
            for value in values[:GROUPS_SHOWN]
        }
        if len(values) > 1:
            raise LaunchError(
                f"{key}: {', '.join(values[:-1])} and {values[-1]} cannot be ranked together; sweep them separately, "
                f"{', '.join(f'once with {overrides}' for overrides in alone.values())}"
                f"{' and so on' if len(values) > GROUPS_SHOWN else ''}"
            )
        if known is not None and known.parts[key] != values[0]:
            raise LaunchError(
                f"{key}: {values[0]} with {alone[values[0]]}, but the sweep is ranked by {known.parts[key]}; "
                f"add {key.removesuffix('.name')}={values[0]} to the command, not among the swept overrides"
            )


def check_own_sweeps(samples: Sequence[Sample], config: DictConfig) -> None:
    """Refuses options of a group that bring a sweep of their own: a sweep over the group would drop it.

    Args:
      samples: of the sweep.
      config: composed without what is swept.

    Raises:
      LaunchError: names the option and what it would sweep.
    """
    known = _sweeper_of(config)
    for sample in samples:
        own = _sweeper_of(sample.config)
        if own == known:
            continue
        overrides = _overrides_of([sample.overrides], [each.overrides for each in samples])
        params = own.get("params")
        swept = (
            f" of {', '.join(map(str, params))}" if isinstance(params, dict) and params != known.get("params") else ""
        )
        raise LaunchError(
            f"hydra.sweeper: {overrides} defines a sweep{swept} itself, which this sweep would drop; "
            f"run it alone: -m {overrides}"
        )


def _overrides_of(group: Sequence[Sequence[str]], every: Sequence[Sequence[str]]) -> str:
    """Overrides that restrict a sweep to some of its trials."""
    kept, all_overrides = list(map(by_key, group)), list(map(by_key, every))
    overrides = []
    for key in varying_keys(every):
        values = list(dict.fromkeys(each[key] for each in kept if key in each))
        if values and len(values) < len({each.get(key) for each in all_overrides}):
            overrides.append(f"{key}={','.join(values)}")
    return shlex.join(overrides) or shlex.join(group[0])


def _sweeper_of(config: DictConfig) -> dict[str, Any]:
    """The sweeper's config, interpolations as they are."""
    sweeper = OmegaConf.to_container(config.hydra.sweeper, resolve=False)
    return {str(key): value for key, value in sweeper.items()} if isinstance(sweeper, dict) else {}
