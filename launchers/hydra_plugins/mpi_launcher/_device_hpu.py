"""`device_kind: hpu`: Habana's Gaudi cards."""

import contextlib
import csv
import os
import re
from collections.abc import Sequence
from pathlib import Path

from hydra_plugins.mpi_launcher._devices import Card, Device
from hydra_plugins.mpi_launcher._files import read, tool_output

VENDOR = "0x1da3"


class Gaudi(Device):
    """Cards that one process at a time can open, numbered by their module."""

    visible_variable = "HABANA_VISIBLE_MODULES"

    def find_cards(self, root: Path) -> list[Card]:
        """`/dev/accel/accel<n>` or `/sys/class/accel/accel<n>`: also other makers' accelerators appear there."""
        entries = [entry for parent in ("dev/accel", "sys/class/accel") for entry in (root / parent).glob("accel*")]
        indices = {int(match[1]) for entry in entries if (match := re.fullmatch(r"accel(\d+)", entry.name))}
        cards, modules = [], None
        for index in sorted(indices):
            folder = root / f"sys/class/accel/accel{index}/device"
            if read(folder / "vendor") not in ("", VENDOR):
                continue
            module = read(folder / "module_id")
            if not module.isdigit():  # older drivers do not show it here
                modules = modules_by_tool() if modules is None else modules
                module = str(modules.get(index, index))
            numa_node = read(folder / "numa_node")
            cards.append(
                Card(
                    int(module),
                    f"/dev/accel/accel{index}",
                    read(folder / "device_type"),
                    read(folder / "driver_ver"),
                    int(numa_node) if numa_node.isdigit() else -1,
                )
            )
        return cards

    def holders(self, cards: Sequence[Card], root: Path) -> dict[int, int]:
        """Which process holds a card: its number -> process id. Habana's driver lets one process at a time open a card.

        Processes of other users, or outside of this container, are not seen.
        """
        numbers = {card.node: card.number for card in cards}
        held: dict[int, int] = {}
        if not numbers:
            return held
        for process in root.glob("proc/[0-9]*"):
            with contextlib.suppress(OSError):  # it has ended, or is another user's
                for descriptor in os.listdir(process / "fd"):
                    with contextlib.suppress(OSError):
                        number = numbers.get(os.readlink(process / "fd" / descriptor))
                        if number is not None:
                            held.setdefault(number, int(process.name))
        return held

    def rank_environment(self, cards: Sequence[int], own: Sequence[int]) -> dict[str, str]:
        variables = {"HABANA_VISIBLE_MODULES": ",".join(map(str, cards))}
        if own:
            variables["HLS_MODULE_ID"] = str(own[0])  # the one name that a job of one rank obeys too
        return variables

    def reported_count(self) -> int | None:
        lines = tool_output("hl-smi", "-Q", "index", "-f", "csv,noheader").split()
        return sum(line.isdigit() for line in lines) or _count_by_pyhlml()


def modules_by_tool() -> dict[int, int]:
    """Module of each Gaudi card by its index, from `hl-smi`; empty where that does not run."""
    rows = csv.reader(tool_output("hl-smi", "-Q", "index,module_id", "-f", "csv,noheader").splitlines())
    pairs = [[cell.strip() for cell in row] for row in rows]
    return {int(index): int(module) for index, module in (p for p in pairs if len(p) == 2) if module.isdigit()}


def _count_by_pyhlml() -> int | None:
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
