"""A trial of a sweep: its swept keys with their values, and a short name."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from engine.overrides import CommandLine, Overrides

LONGEST_VALUE = 24
LONGEST_NAME = 96

Value = bool | int | float | str


def swept_keys(hydra: DictConfig) -> list[str]:
    """Keys that have several values in the current sweep.

    Args:
      hydra: the `hydra` node of the composed config; `sweeper.params` may have the sweep of a recipe, and
        `overrides.task` has what the sweeper chose by other options, such as `hydra.sweeper.when`.
    """
    recipe = Overrides.readable(f"{key}={value}" for key, value in (hydra.sweeper.get("params") or {}).items())
    given = Overrides.readable(CommandLine.read(sys.argv[1:]).texts)
    swept = {*recipe.without(*given.keys).swept, *given.swept}  # the command line replaces the recipe
    known = dict.fromkeys([*recipe.keys, *given.keys])
    chosen = Overrides.readable(OmegaConf.select(hydra, "overrides.task") or [])
    swept |= {key for key in chosen.keys if key not in known}
    in_order = dict.fromkeys([*known, *chosen.keys])
    return [key for key in in_order if key in swept and not key.startswith(("hydra.", "hydra/"))]


def swept_values(config: DictConfig, hydra: DictConfig) -> dict[str, Value]:
    """The value of each swept key in this trial: numbers, Booleans and strings as they are, anything else as text.

    The value of a group is the chosen option, such as the name of a recipe.

    Args:
      config: of the trial.
      hydra: its `hydra` node.
    """
    values = {}
    for key in swept_keys(hydra):
        choices = hydra.runtime.choices
        value = choices[key] if key in choices else OmegaConf.select(config, key)
        value = "null" if value is None else value
        values[key] = value if isinstance(value, bool | int | float | str) else str(value)
    return values


def name_of(number: int | str, values: Iterable[tuple[str, Value]]) -> str:
    """A folder name, and with it the name in TensorBoard: `3-learning_rate_0.001-batch_size_16`.

    It has no character with a meaning for a shell or for Hydra's parser.

    Args:
      number: of the trial, or a placeholder.
      values: of the swept keys.
    """
    from hydra_plugins.mpi_launcher.overrides import short_names

    by_key = dict(values)
    short = short_names(list(by_key))
    parts = [f"{short[key]}_{_plain(value)}" for key, value in by_key.items()]
    return "-".join([str(number), *parts])[:LONGEST_NAME].rstrip("-_.")


def _plain(value: Value) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return re.sub(r"[^A-Za-z0-9.+-]+", "_", text).strip("_")[-LONGEST_VALUE:]


def this_trial(config: DictConfig) -> tuple[dict[str, Value], Path | None]:
    """`swept_values` of the trial that runs here, and its folder; nothing and None for a plain run.

    The repeats of a trial have folders below that of the trial.
    """
    hydra: Any = HydraConfig.get() if HydraConfig.initialized() else None
    if hydra is None or hydra.mode != RunMode.MULTIRUN:
        return {}, None
    return swept_values(config, hydra), Path(hydra.runtime.output_dir)
