"""Objects that an option describes by `_target_`, Hydra's way."""

import warnings
from collections.abc import Mapping
from typing import Any

from hydra.utils import instantiate
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.optuna_study._one_line import one_line


def made(name: str, value: Any) -> Any:
    """Instantiates the object that a config describes; returns any other value as it is.

    Args:
      name: of the option.
      value: its value.

    Raises:
      LaunchError: it cannot be instantiated.
    """
    if not isinstance(value, Mapping):
        return value
    from optuna.exceptions import ExperimentalWarning

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)  # the user has chosen it, or this package has
            return instantiate(value)
    except Exception as error:
        cause = one_line(error.__cause__ or error)
        raise LaunchError(f"hydra.sweeper.{name}: {value.get('_target_')} cannot be made of it: {cause}") from None
