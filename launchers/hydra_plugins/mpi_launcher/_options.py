"""The options of a launch, checked."""

from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher.directions import AUTO, HIGHER, LOWER
from omegaconf import DictConfig

FORMER_NAMES = {"facts_file": "metadata_file", "facts": "metadata"}
"""Options that have another name now -> that name."""


def take_former_names(options: DictConfig) -> list[str]:
    """Moves values of options that are given by a former name to the name of today.

    Args:
      options: changed in place.

    Returns:
      A note for the user about each of them.
    """
    notes = []
    for former, name in FORMER_NAMES.items():
        if options.get(former) is not None:
            options[name], options[former] = options[former], None
            notes.append(f"note     hydra.launcher.{former} is now hydra.launcher.{name}")
    return notes


def check_options(options: DictConfig) -> None:
    """Refuses options that make no sense.

    Raises:
      LaunchError: names the option and what it takes.
    """
    for name, choices in {"on_failure": ("continue", "stop"), "better": (LOWER, HIGHER, AUTO)}.items():
        if options[name] not in choices:
            raise LaunchError(f"hydra.launcher.{name}: {options[name]} is none of {' | '.join(choices)}")
    for name in ("retries", "timeout_minutes", "stall_minutes", "grace_seconds", "slots"):
        if options[name] < 0:
            raise LaunchError(f"hydra.launcher.{name}: {options[name]} is negative")
