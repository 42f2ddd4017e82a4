"""Kinds of accelerator cards: how cards are found, which process holds them, and the environment of a rank.

A kind is a subclass of `Device` in a module of its own. `hydra.launcher.device_kind` names it: `hpu` and `gpu` come
with the launcher, any other kind has its dotted name.
"""

import dataclasses
import importlib
import os
from collections.abc import Sequence
from pathlib import Path

from hydra_plugins.mpi_launcher._errors import LaunchError

BUILT_IN = {
    "hpu": "hydra_plugins.mpi_launcher._device_hpu.Gaudi",
    "gpu": "hydra_plugins.mpi_launcher._device_gpu.Nvidia",
}


@dataclasses.dataclass(frozen=True)
class Card:
    """An accelerator card.

    Attributes:
      number: its number: Gaudi's module (`HLS_MODULE_ID`), NVIDIA's device minor.
      node: its device file, such as `/dev/accel/accel3`.
      model: name from the driver, such as `GAUDI2`; empty if unknown.
      driver: version; empty if unknown.
      numa_node: of the cores near the card; -1 if unknown.
    """

    number: int
    node: str
    model: str = ""
    driver: str = ""
    numa_node: int = -1


class Device:
    """A kind of cards. Objects are made without arguments, in the launcher and in every rank."""

    visible_variable: str = ""
    """Environment variable with a list of the card numbers that this process may use; empty if there is none."""

    def find_cards(self, root: Path) -> list[Card]:
        """The cards that the driver shows.

        Args:
          root: folder that holds `/dev`, `/sys` and `/proc`.
        """
        raise NotImplementedError

    def holders(self, cards: Sequence[Card], root: Path) -> dict[int, int]:
        """Number of each card that a process holds -> process id; empty where processes share cards."""
        return {}

    def rank_environment(self, cards: Sequence[int], own: Sequence[int]) -> dict[str, str]:
        """Environment variables of a rank, set before it imports anything.

        Args:
          cards: numbers of the job's cards on the host.
          own: those of the rank.
        """
        raise NotImplementedError

    def reported_count(self) -> int | None:
        """Number of cards that the tool of their maker reports; None if it is not installed."""
        return None


def device_of(kind: str) -> Device:
    """The kind of cards of a name.

    Args:
      kind: `hpu`, `gpu`, or the dotted name of a subclass of `Device`.

    Raises:
      LaunchError: it is none of these.
    """
    module, _, name = BUILT_IN.get(kind, kind).rpartition(".")
    choices = f"{' | '.join(BUILT_IN)}, or the dotted name of a class of devices"
    if not module:
        raise LaunchError(f"hydra.launcher.device_kind: {kind} is none of {choices}")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise LaunchError(
            f"hydra.launcher.device_kind: {kind} cannot be imported ({error}); it takes {choices}"
        ) from None
    if not (isinstance(found, type) and issubclass(found, Device)):
        raise LaunchError(
            f"hydra.launcher.device_kind: {kind} is not a subclass of hydra_plugins.mpi_launcher.devices.Device"
        )
    return found()


def visible(device: Device, root: Path) -> list[Card]:
    """The cards that the driver shows and the environment does not hide, by number."""
    found = device.find_cards(root)
    named = os.environ.get(device.visible_variable, "all").split(",") if device.visible_variable else ["all"]
    if all(number.strip().isdigit() for number in named):
        found = [card for card in found if card.number in {int(number) for number in named}]
    return sorted(found, key=lambda card: card.number)
