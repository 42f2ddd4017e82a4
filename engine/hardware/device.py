"""The interface of a kind of device: its needs of a machine, how it is opened, its strategy."""

import dataclasses
import re
from typing import ClassVar, TYPE_CHECKING

from data.commands import make
from data.errors import UserError
from data.options import option, Options
from engine.hardware.findings import Finding, package_version

if TYPE_CHECKING:
    import tensorflow as tf
    from hydra_plugins.mpi_launcher.devices import Card


NAME_ALONE = "+cpu"
"""Suffix of the version of an empty `tensorflow` that requires tensorflow-cpu: .ci/tensorflow-as-cpu."""


@dataclasses.dataclass
class Hardware(Options):
    """The chosen option of the hardware group: ranks, device, number format.

    A subclass is a kind of device; the launcher finds its cards and gives each rank its own by `device`.
    """

    name: str = option()
    device: str = option()
    processes: int = option(low=1, high=1024)
    devices: int = option(low=0, high=1024)
    dtype: str = option(choices=("auto", "float32", "bfloat16"))
    binding: str = option()
    threads: int = option(low=0, high=1024)

    label: ClassVar[str] = ""
    """Name of the cards in messages: Gaudi."""

    tensorflow_device: ClassVar[str] = "CPU"
    """TensorFlow's name for the kind."""

    places: ClassVar[str] = ""
    """Where the driver shows the cards, as text."""

    container_options: ClassVar[str] = ""
    """Options of `docker run` that let a container see the cards."""

    compiles_for_shapes: ClassVar[bool] = False
    """Whether batches need fixed shapes, because the device compiles for each shape."""

    def check(self) -> None:
        if self.binding not in ("none", "core") and not re.fullmatch(r"[a-z]\w*(:[\w=,:]+)?", self.binding):
            raise UserError(
                "hardware.binding", f"{self.binding} is neither none nor core, nor a value of mpirun --map-by"
            )
        if self.has_cards != (self.devices > 0):
            raise UserError("hardware.devices", f"{self.devices} cards do not match hardware.device={self.device}")
        if self.devices and self.devices != self.processes:
            raise UserError(
                "hardware.devices", f"{self.devices} cards for {self.processes} processes; each has one card"
            )

    @property
    def has_cards(self) -> bool:
        """Whether devices of this kind are cards, which the launcher assigns."""
        return bool(self.label)

    @property
    def compute_dtype(self) -> str:
        """`dtype` with `auto` decided: what networks compute in."""
        return "bfloat16" if self.dtype == "auto" else self.dtype

    def software_findings(self) -> list[Finding]:
        """Whether this Python, TensorFlow and what else the device needs are installed, without importing them."""
        return [Finding("python", python_version()), find_tensorflow()]

    def runtime_findings(self, cards: "list[Card]") -> list[Finding]:
        """Whether the software that opens the cards is there; called only if there are cards."""
        return []

    def open(self) -> None:
        """Opens the cards for TensorFlow; called before anything uses a device.

        Raises:
          UserError: the driver or a module refuses.
        """
        return None  # the processor needs no opening

    def strategy_of_ranks(self) -> "tf.distribute.Strategy":
        """The strategy over several ranks; TF_CONFIG is set, and nothing has been computed yet."""
        import tensorflow as tf

        return tf.distribute.MultiWorkerMirroredStrategy()


def python_version() -> str:
    """Of this process: 3.11.7."""
    import platform

    return platform.python_version()


def find_tensorflow() -> Finding:
    """Which TensorFlow is installed, with CUDA (`tensorflow`) or without (`tensorflow-cpu`)."""
    installed = zip(("tensorflow", "tensorflow-cpu"), tensorflow_versions(), strict=True)
    found = " and ".join(f"{name} {version}" for name, version in installed if version)
    if not found:
        return Finding("tensorflow", "none", "TensorFlow is not installed", (make("install"),))
    return Finding("tensorflow", found)


def tensorflow_versions() -> tuple[str, str]:
    """Versions of `tensorflow`, which carries CUDA, and of `tensorflow-cpu`; each empty if it is not installed."""
    with_cuda, without = package_version("tensorflow"), package_version("tensorflow-cpu")
    return "" if with_cuda.endswith(NAME_ALONE) else with_cuda, without
