"""Refuses ranges inside of a list or a dictionary, which would be the same text in every trial."""

import re
from collections.abc import Mapping
from typing import Any

from hydra_plugins.mpi_launcher._errors import LaunchError

_CHOOSES = re.compile(r"\s*(?:(?:int|float)\s*\(\s*)?(?:interval|range|choice|glob|tag)\s*\(.*\)\s*")
"""Functions of Hydra's grammar that stand for several values."""


def check_flat(option: str, params: Mapping[str, Any]) -> None:
    """Checks the values of some parameters.

    Args:
      option: that has them.
      params: key -> value.

    Raises:
      LaunchError: names the key that a range is written for.
    """
    for key, value in params.items():
        if not isinstance(value, str) and (inside := _first_inside(key, value)):
            where, text = inside
            remedy = f"write  {where}: {text}" if where != key else "give a key of its own"
            raise LaunchError(
                f"{option}.{key}: {text} is not read inside of a {'list' if where == key else 'dictionary'}; {remedy}"
            )


def _first_inside(key: str, value: Any) -> tuple[str, str] | None:
    """Dotted key and text of the first range."""
    if isinstance(value, str):
        return (key, value) if _CHOOSES.fullmatch(value) else None
    pairs = [(f"{key}.{name}", each) for name, each in value.items()] if isinstance(value, Mapping) else []
    pairs += [(key, each) for each in value] if isinstance(value, list | tuple) else []
    return next((found for name, each in pairs if (found := _first_inside(name, each))), None)
