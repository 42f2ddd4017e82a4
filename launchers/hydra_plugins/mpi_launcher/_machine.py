"""What this machine has: accelerator cards, who holds them, cores and how they lie. Read from the kernel's files."""

import contextlib
import csv
import dataclasses
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path("/")
"""Where `/dev`, `/sys` and `/proc` lie."""

HABANA_VENDOR = "0x1da3"
TOOL_SECONDS = 10


@dataclasses.dataclass(frozen=True)
class Card:
    """An accelerator card.

    Attributes:
      number: by which it is asked for: Gaudi's module (`HLS_MODULE_ID`), NVIDIA's device minor.
      node: its device file, such as `/dev/accel/accel3`.
      model: as the driver calls it, such as `GAUDI2`; empty if it does not say.
      driver: version; empty if it is not told.
      numa_node: whose cores are near to it; -1 if that is not known.
    """

    number: int
    node: str
    model: str = ""
    driver: str = ""
    numa_node: int = -1


def visible_cards(kind: str = "hpu", root: Path | None = None) -> list[Card]:
    """The cards that the driver shows, by number.

    Args:
      kind: `hpu`, Habana's Gaudi, of which `HABANA_VISIBLE_MODULES`, if set, leaves those that it names; or `gpu`,
        NVIDIA's, of which `CUDA_VISIBLE_DEVICES` does.
      root: in place of `ROOT`.
    """
    found = (_gaudi_cards if kind == "hpu" else _nvidia_cards)(root or ROOT)
    named = os.environ.get("HABANA_VISIBLE_MODULES" if kind == "hpu" else "CUDA_VISIBLE_DEVICES", "all").split(",")
    if all(number.strip().isdigit() for number in named):
        found = [card for card in found if card.number in {int(number) for number in named}]
    return sorted(found, key=lambda card: card.number)


def _gaudi_cards(root: Path) -> list[Card]:
    """`/dev/accel/accel<n>` or `/sys/class/accel/accel<n>`: also other makers' accelerators appear there."""
    entries = [entry for folder in ("dev/accel", "sys/class/accel") for entry in (root / folder).glob("accel*")]
    indices = {int(match[1]) for entry in entries if (match := re.fullmatch(r"accel(\d+)", entry.name))}
    cards, modules = [], None
    for index in sorted(indices):
        facts = root / f"sys/class/accel/accel{index}/device"
        if _read(facts / "vendor") not in ("", HABANA_VENDOR):
            continue
        module = _read(facts / "module_id")
        if not module.isdigit():  # older drivers do not tell it here
            modules = modules_by_tool() if modules is None else modules
            module = str(modules.get(index, index))
        numa_node = _read(facts / "numa_node")
        cards.append(
            Card(
                int(module),
                f"/dev/accel/accel{index}",
                _read(facts / "device_type"),
                _read(facts / "driver_ver"),
                int(numa_node) if numa_node.isdigit() else -1,
            )
        )
    return cards


def _nvidia_cards(root: Path) -> list[Card]:
    """`/dev/nvidia<n>`."""
    version = re.search(r"Kernel Module\s+(?:for \S+\s+)?([\d.]+)", _read(root / "proc/driver/nvidia/version"))
    models, numa_nodes = {}, {}
    for file in (root / "proc/driver/nvidia/gpus").glob("*/information"):
        facts = dict(re.findall(r"^([^:]+):\s*(.*?)\s*$", _read(file), re.MULTILINE))
        if facts.get("Device Minor", "").isdigit():
            minor = int(facts["Device Minor"])
            models[minor] = facts.get("Model", "")
            numa_nodes[minor] = _read(root / f"sys/bus/pci/devices/{file.parent.name.lower()}/numa_node")
    cards = []
    for entry in (root / "dev").glob("nvidia*"):
        if match := re.fullmatch(r"nvidia(\d+)", entry.name):
            number = int(match[1])
            near = numa_nodes.get(number, "")
            cards.append(
                Card(
                    number,
                    f"/dev/{entry.name}",
                    models.get(number, ""),
                    version[1] if version else "",
                    int(near) if near.isdigit() else -1,
                )
            )
    return cards


def modules_by_tool() -> dict[int, int]:
    """Module of each Gaudi card by its index, from `hl-smi`; empty where that does not run."""
    rows = csv.reader(tool_output("hl-smi", "-Q", "index,module_id", "-f", "csv,noheader").splitlines())
    pairs = [[cell.strip() for cell in row] for row in rows]
    return {int(index): int(module) for index, module in (p for p in pairs if len(p) == 2) if module.isdigit()}


def tool_output(*command: str) -> str:
    """What a program prints; nothing if it is not there or fails."""
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TOOL_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def holders(cards: Sequence[Card], root: Path | None = None) -> dict[int, int]:
    """Which process holds a card: its number -> process id. Habana's driver lets one process at a time open a card.

    Processes of other users, or outside of this container, are not seen.
    """
    numbers = {card.node: card.number for card in cards}
    held: dict[int, int] = {}
    if not numbers:
        return held
    for process in (root or ROOT).glob("proc/[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is another user's
            for descriptor in os.listdir(process / "fd"):
                with contextlib.suppress(OSError):
                    number = numbers.get(os.readlink(process / "fd" / descriptor))
                    if number is not None:
                        held.setdefault(number, int(process.name))
    return held


def usable_cores(root: Path | None = None) -> list[int]:
    """Numbers of the cores that this process may use, those of a socket together, hardware threads of a core together.

    Cut evenly, the list gives each part physical cores of its own. Linux's own order does not: it counts through the
    first threads of all cores before the second ones.
    """

    def place(core: int) -> tuple[int, int, int]:
        facts = (root or ROOT) / f"sys/devices/system/cpu/cpu{core}/topology"
        socket, physical = _read(facts / "physical_package_id"), _read(facts / "core_id")
        known = socket.isdigit() and physical.isdigit()
        return (int(socket), int(physical), core) if known else (0, core, core)

    return sorted(os.sched_getaffinity(0), key=place)


def physical_cores(root: Path | None = None) -> int:
    """How many cores this process may use, hardware threads of one counted once."""
    facts = [(root or ROOT) / f"sys/devices/system/cpu/cpu{core}/topology" for core in usable_cores(root)]
    return len({_read(entry / "thread_siblings_list") or entry.parent.name for entry in facts})


def cores_by_card(cards: Sequence[Card], root: Path | None = None) -> list[int]:
    """The usable cores in such an order that card i's even share of them, the i-th, is near to card i.

    Where the NUMA nodes are not told, or do not share out evenly, the order is that of `usable_cores`.
    """
    cores = usable_cores(root)
    each = len(cores) // len(cards) if cards else 0
    near: dict[int, list[int]] = {}
    for node in {card.numa_node for card in cards}:
        listed = _numbers(_read((root or ROOT) / f"sys/devices/system/node/node{node}/cpulist")) if node >= 0 else set()
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


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""
