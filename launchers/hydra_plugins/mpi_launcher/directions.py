"""Which values of a returned number are better: `higher` or `lower`."""

from collections.abc import Mapping, Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

HIGHER, LOWER, AUTO = "higher", "lower", "auto"

_WORDS = {"maximize": HIGHER, "max": HIGHER, HIGHER: HIGHER, "minimize": LOWER, "min": LOWER, LOWER: LOWER}

_PLACES = (
    ("direction", _WORDS),  # Optuna's
    ("directions", _WORDS),
    ("optim.maximize", {True: HIGHER, False: LOWER}),  # Nevergrad's
    ("ax_config.experiment.minimize", {True: LOWER, False: HIGHER}),  # Ax's
)
"""Config keys of sweepers with the direction, and the meaning of their values."""


def direction_of_sweeper(sweeper: DictConfig | None) -> str | None:
    """The direction of a sweeper; None if it has none. Of several directions the first counts.

    Args:
      sweeper: `hydra.sweeper` of a composed config.
    """
    if sweeper is None or not OmegaConf.is_dict(sweeper):
        return None
    for place, meanings in _PLACES:
        try:
            value = OmegaConf.select(sweeper, place)
        except OmegaConfBaseException:
            continue
        if meaning := _meaning(value, meanings):
            return meaning
    return None


def _meaning(value: Any, meanings: Mapping[Any, str]) -> str | None:
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = value[0] if len(value) else None
    value = getattr(value, "name", value)  # an Enum's
    value = value.lower() if isinstance(value, str) else value
    return meanings.get(value) if isinstance(value, str | bool) else None
