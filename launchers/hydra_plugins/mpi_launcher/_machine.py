"""The accelerator cards of this machine, the processes that hold them, and its cores, read from the kernel's files."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from hydra_plugins.mpi_launcher._devices import Card, device_of, visible
from hydra_plugins.mpi_launcher._files import read

ROOT = Path("/")
"""The folder that holds `/dev`, `/sys` and `/proc`."""


def visible_cards(kind: str, root: Path | None = None) -> list[Card]:
    """The cards of a kind that the driver shows and the environment does not hide, by number.

    Args:
      kind: see `_devices.device_of`.
      root: in place of `ROOT`.
    """
    return visible(device_of(kind), root or ROOT)


def holders(cards: Sequence[Card], kind: str, root: Path | None = None) -> dict[int, int]:
    """Number of a card that one process has for itself -> process id.

    Processes of other users, or outside of this container, are not seen.
    """
    return device_of(kind).holders(cards, root or ROOT)


def ordered_cores(root: Path | None = None) -> list[int]:
    """Numbers of the cores that this process may use, those of a socket together, hardware threads of a core together.

    Cut evenly, the list gives each part physical cores of its own. Linux's own order does not: it counts through the
    first threads of all cores before the second ones.
    """

    def place(core: int) -> tuple[int, int, int]:
        topology = (root or ROOT) / f"sys/devices/system/cpu/cpu{core}/topology"
        socket, physical = read(topology / "physical_package_id"), read(topology / "core_id")
        known = socket.isdigit() and physical.isdigit()
        return (int(socket), int(physical), core) if known else (0, core, core)

    return sorted(os.sched_getaffinity(0), key=place)


def physical_cores(root: Path | None = None) -> int:
    """How many cores this process may use, hardware threads of one counted once."""
    folders = [(root or ROOT) / f"sys/devices/system/cpu/cpu{core}/topology" for core in ordered_cores(root)]
    return len({read(entry / "thread_siblings_list") or entry.parent.name for entry in folders})


def cores_by_card(cards: Sequence[Card], root: Path | None = None) -> list[int]:
    """The usable cores in such an order that card i's even share of them, the i-th, is near to card i.

    Where the kernel does not report the NUMA nodes, or they do not divide evenly, the order is that of `ordered_cores`.
    """
    cores = ordered_cores(root)
    each = len(cores) // len(cards) if cards else 0
    near: dict[int, list[int]] = {}
    for node in {card.numa_node for card in cards}:
        listed = _numbers(read((root or ROOT) / f"sys/devices/system/node/node{node}/cpulist")) if node >= 0 else set()
        near[node] = [core for core in cores if core in listed]
    shares = []
    for card in cards:
        shares += near[card.numa_node][:each]
        near[card.numa_node] = near[card.numa_node][each:]
    return shares if each and len(shares) == each * len(cards) else cores


def _numbers(ranges: str) -> set[int]:
    """{0, 1, 2, 6} of `0-2,6`."""
    found: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", ranges):
        found |= set(range(int(first), int(last or first) + 1))
    return found
