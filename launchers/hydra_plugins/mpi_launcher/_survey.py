"""What a launch would find here, before it is asked for: `launcher.survey`."""

import dataclasses

from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._hosts import find_hosts, Host
from hydra_plugins.mpi_launcher._machine import Card, holders, physical_cores, tool_output, usable_cores, visible_cards
from hydra_plugins.mpi_launcher._open_mpi import find_open_mpi, OpenMpi
from hydra_plugins.mpi_launcher._scratch import shared_memory_fault
from omegaconf import DictConfig


@dataclasses.dataclass(frozen=True)
class Survey:
    """What there is.

    Attributes:
      cards: that the driver shows, by number.
      held: number of a card that a process has open -> process id.
      told: number of cards that the maker's tool tells of; None where it is not installed.
      cores: that this process may use, hardware threads counted.
      physical_cores: the same, hardware threads of a core counted once.
      open_mpi: the mpirun that would be used; None if there is none.
      mpi_fault: why there is none.
      memory_fault: what is wrong with /dev/shm, through which processes share memory; empty if nothing is.
      hosts: that ranks would run on; empty for this machine.
    """

    cards: list[Card]
    held: dict[int, int]
    told: int | None
    cores: int
    physical_cores: int
    open_mpi: OpenMpi | None
    mpi_fault: str
    memory_fault: str
    hosts: list[Host]


def survey(options: DictConfig, device_kind: str) -> Survey:
    """See `launcher.survey`."""
    cards = visible_cards(device_kind) if device_kind in ("hpu", "gpu") else []
    open_mpi, fault = None, ""
    try:
        open_mpi = find_open_mpi(options.mpirun)
    except LaunchError as error:
        fault = str(error)
    return Survey(
        cards,
        holders(cards) if device_kind == "hpu" else {},
        _told_by_tool(device_kind),
        len(usable_cores()),
        physical_cores(),
        open_mpi,
        fault,
        shared_memory_fault(),
        find_hosts(options.hostfile),
    )


def _told_by_tool(device_kind: str) -> int | None:
    commands = {
        "hpu": ("hl-smi", "-Q", "index", "-f", "csv,noheader"),
        "gpu": ("nvidia-smi", "--query-gpu=index", "--format=csv,noheader"),
    }
    if device_kind not in commands:
        return None
    lines = tool_output(*commands[device_kind]).split()
    return sum(line.isdigit() for line in lines) or (_told_by_pyhlml() if device_kind == "hpu" else None)


def _told_by_pyhlml() -> int | None:
    """Habana's own binding of its management library, where that is installed."""
    try:
        import pyhlml

        pyhlml.hlmlInit()
        try:
            return int(pyhlml.hlmlDeviceGetCount())
        finally:
            pyhlml.hlmlShutdown()
    except Exception:  # it raises errors of its own, and whatever the library's absence brings
        return None
