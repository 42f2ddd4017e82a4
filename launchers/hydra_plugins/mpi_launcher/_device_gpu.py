"""`device_kind: gpu`: NVIDIA's cards."""

import re
from collections.abc import Sequence
from pathlib import Path

from hydra_plugins.mpi_launcher._devices import Card, Device
from hydra_plugins.mpi_launcher._files import read, tool_output


class Nvidia(Device):
    """Cards that processes share, numbered by their device files."""

    visible_variable = "CUDA_VISIBLE_DEVICES"

    def find_cards(self, root: Path) -> list[Card]:
        """`/dev/nvidia<n>`."""
        version = re.search(r"Kernel Module\s+(?:for \S+\s+)?([\d.]+)", read(root / "proc/driver/nvidia/version"))
        models, numa_nodes = {}, {}
        for file in (root / "proc/driver/nvidia/gpus").glob("*/information"):
            properties = dict(re.findall(r"^([^:]+):\s*(.*?)\s*$", read(file), re.MULTILINE))
            if properties.get("Device Minor", "").isdigit():
                minor = int(properties["Device Minor"])
                models[minor] = properties.get("Model", "")
                numa_nodes[minor] = read(root / f"sys/bus/pci/devices/{file.parent.name.lower()}/numa_node")
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

    def rank_environment(self, cards: Sequence[int], own: Sequence[int]) -> dict[str, str]:
        order = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}  # that of the device files
        return order | {"CUDA_VISIBLE_DEVICES": ",".join(map(str, own))}

    def reported_count(self) -> int | None:
        lines = tool_output("nvidia-smi", "--query-gpu=index", "--format=csv,noheader").split()
        return sum(line.isdigit() for line in lines) or None
