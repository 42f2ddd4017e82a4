"""Functions that launcher options name."""

import pkgutil
from collections.abc import Callable
from typing import Any

from hydra_plugins.mpi_launcher._errors import LaunchError


def function_of(option: str, name: str) -> Callable[..., Any]:
    """The function that an option names.

    Args:
      option: of the launcher, such as `check`.
      name: dotted name of the function.

    Raises:
      LaunchError: it cannot be imported, or is no function.
    """
    try:
        function = pkgutil.resolve_name(name)
    except (ImportError, AttributeError, ValueError) as error:
        raise LaunchError(f"hydra.launcher.{option}: {name} cannot be imported ({error})") from None
    if not callable(function):
        raise LaunchError(f"hydra.launcher.{option}: {name} is no function")
    return function  # type: ignore[no-any-return]
