"""What this machine offers a launch: `launcher.survey`."""

import dataclasses

from hydra_plugins.mpi_launcher._devices import Card, device_of
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._hosts import find_hosts, Host
from hydra_plugins.mpi_launcher._machine import holders, ordered_cores, physical_cores, visible_cards
from hydra_plugins.mpi_launcher._open_mpi import find_open_mpi, OpenMpi
from hydra_plugins.mpi_launcher._scratch import shared_memory_fault
from omegaconf import DictConfig


@dataclasses.dataclass(frozen=True)
class Survey:
    """The resources of this machine.

    Attributes:
      cards: that the driver shows, by number.
      held: number of a card that a process has open -> process id.
      reported: number of cards that the maker's tool reports; None where it is not installed.
      cores: that this process may use, hardware threads counted.
      physical_cores: the same, hardware threads of a core counted once.
      open_mpi: the mpirun that would be used; None if there is none.
      mpi_fault: why there is none.
      memory_fault: what is wrong with /dev/shm, through which processes share memory; empty if nothing is.
      hosts: that ranks would run on; empty for this machine.
    """

    cards: list[Card]
    held: dict[int, int]
    reported: int | None
    cores: int
    physical_cores: int
    open_mpi: OpenMpi | None
    mpi_fault: str
    memory_fault: str
    hosts: list[Host]


def survey(options: DictConfig, device_kind: str) -> Survey:
    """See `launcher.survey`."""
    cards = visible_cards(device_kind) if device_kind else []
    open_mpi, fault = None, ""
    try:
        open_mpi = find_open_mpi(options.mpirun)
    except LaunchError as error:
        fault = str(error)
    return Survey(
        cards,
        holders(cards, device_kind) if device_kind else {},
        device_of(device_kind).reported_count() if device_kind else None,
        len(ordered_cores()),
        physical_cores(),
        open_mpi,
        fault,
        shared_memory_fault(),
        find_hosts(options.hostfile),
    )
