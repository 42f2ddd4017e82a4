"""Config fields with limits, for the typed schemas of every package."""

import dataclasses
from typing import Any

from omegaconf import MISSING


def knob(
    *,
    choices: tuple[str, ...] | None = None,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
) -> Any:
    """A dataclass field that a config file must fill.

    The type is the annotation's; OmegaConf checks it. The limits are checked by `engine.validation` and named in its
    errors.

    Args:
      choices: the words that a str field takes.
      low, high: inclusive bounds of a number, or of each number in a list.
      above: exclusive lower bound of a number.
    """
    limits = {"choices": choices, "low": low, "high": high, "above": above}
    return dataclasses.field(default=MISSING, metadata={k: v for k, v in limits.items() if v is not None})
