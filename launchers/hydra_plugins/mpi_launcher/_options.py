"""The options of a launch, checked, and the places that its jobs run on."""

from collections.abc import Sequence

from hydra_plugins.mpi_launcher._cards import card_pool, Pool, slot_pool
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._hosts import find_hosts, Host
from hydra_plugins.mpi_launcher._job import Job, State
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
            raise LaunchError(f"hydra.launcher.{name}: {options[name]} is below zero")


def pools_for(jobs: Sequence[Job], options: DictConfig) -> tuple[dict[str, Pool], list[Host]]:
    """The pools of cards and slots that some jobs run on, and the hosts.

    Raises:
      LaunchError: a job asks for more than there is.
    """
    hosts = find_hosts(options.hostfile)
    todo = [job for job in jobs if job.state == State.QUEUED]
    cards = options.cards if isinstance(options.cards, int | str) else list(options.cards)
    ranks = [job.needs.processes for job in todo if not job.needs.devices]
    kinds = sorted({job.needs.device_kind for job in todo if job.needs.devices}) or ["hpu"]
    if len(kinds) > 1:
        raise LaunchError(f"hydra.launcher.device_kind: one sweep takes cards of one kind, not {' and '.join(kinds)}")
    pools = {
        "cards": card_pool(cards, options.aligned, hosts, kinds[0]),
        "slots": slot_pool(options.slots, ranks, hosts),
    }
    for job in todo:
        pools["cards" if job.needs.devices else "slots"].check(job.needs.places, job.needs.processes, job.name)
    return pools, hosts
