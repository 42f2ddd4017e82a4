"""`hardware=hpu1`, `hpu8` and others: Habana's Gaudi cards. All uses of `habana_frameworks` are here.

It follows Habana's own RetinaNet: one card is a OneDeviceStrategy on `HPU:0`, several are ranks of an HPUStrategy,
which is TensorFlow's strategy for several workers with Habana's collectives. If something is missing, Habana's module
aborts the process without a Python exception, so the checks here look for all that it needs in files and metadata.
"""

import dataclasses
import os
import sys
from typing import TYPE_CHECKING

from data.commands import command, make, override
from data.errors import UserError
from engine.hardware.device import find_tensorflow, Hardware, python_version, tensorflow_versions
from engine.hardware.findings import Finding, library_is_known, package_version

if TYPE_CHECKING:
    import tensorflow as tf
    from hydra_plugins.mpi_launcher.devices import Card

PACKAGE = "1.14.0.493"
"""Of habana-tensorflow: the last release."""

DRIVER = "1.14"
PYTHON = (3, 10)
TENSORFLOW_CPU = "2.15.0"
"""Of tensorflow-cpu. The `tensorflow` wheel carries CUDA, whose collectives have the names of Habana's."""

RUNTIME = "libSynapse.so"
"""Habana's runtime, which the module opens by this name."""

FIRST_GENERATION = "GAUDI"

_INSTALL = (
    f"{make('install', 'PYTHON=python3.10', 'VENV=.venv-3.10')}, then the same command with .venv-3.10/bin/python"
)


@dataclasses.dataclass
class Gaudi(Hardware):
    """Habana's cards, a rank each."""

    label = "Gaudi"
    tensorflow_device = "HPU"
    places = "/dev/accel and /sys/class/accel"
    container_options = "--runtime=habana -e HABANA_VISIBLE_DEVICES=all"
    compiles_for_shapes = True

    def software_findings(self) -> list[Finding]:
        return [_find_python(), _find_tensorflow(), _find_package(self.dtype)]

    def runtime_findings(self, cards: "list[Card]") -> list[Finding]:
        """Whether everything that Habana's module opens when it is loaded is there."""
        driver = cards[0].driver
        if not library_is_known(RUNTIME):
            return [
                Finding(
                    "runtime",
                    "none",
                    f"Habana's runtime {RUNTIME} is not found, without which the module aborts",
                    ("run in Habana's container, see docs/gaudi.md", "or set LD_LIBRARY_PATH to where it lies"),
                )
            ]
        if not cards[0].model:
            return [
                Finding(
                    "runtime",
                    RUNTIME,
                    "/sys/class/accel/accel0/device/device_type cannot be read, without which the module fails",
                    ("give the container the host's /sys",),
                )
            ]
        if driver and not driver.startswith(DRIVER):
            return [Finding("runtime", RUNTIME, note=f"driver {driver} is not of release {DRIVER}")]
        return [Finding("runtime", RUNTIME)]

    def open(self) -> None:
        from habana_frameworks.tensorflow import load_habana_module
        from hydra_plugins.mpi_launcher.launcher import visible_cards

        cards = visible_cards(self.device)
        for name, value in module_variables(self.processes, cards[0].model if cards else "").items():
            os.environ.setdefault(name, value)
        try:
            load_habana_module()
        except Exception as error:
            raise UserError(
                "hardware",
                f"{self.name}: Habana's module does not load: {type(error).__name__}: {error}",
                (command("mode=doctor", override("hardware", self.name)), "hl-smi  shows the state of the cards"),
            ) from error

    def strategy_of_ranks(self) -> "tf.distribute.Strategy":
        from habana_frameworks.tensorflow.distribute import HPUStrategy

        return HPUStrategy()


def module_variables(processes: int, model: str) -> dict[str, str]:
    """Environment variables for Habana's module and strategy.

    Args:
      processes: ranks of the run.
      model: of the card, as the driver calls it: `GAUDI`, `GAUDI2`.
    """
    variables = {
        # Habana's RetinaNet on tf-models runs without this rewriter.
        "TF_DISABLE_EAGER_TO_FUNC_REWRITER": "1",
        # Otherwise HPUStrategy on Gaudi 2 calls a dataset function without its context, and each rank makes all pages.
        "FORCE_HABANA_IMAGENET_LOADER_FALLBACK": "1",
    }
    if processes > 1 and model.split()[:1] == [FIRST_GENERATION]:
        variables["TF_HABANA_COLLECTIVE_REDUCE_SYNC"] = "1"  # its collectives need all ranks to have arrived
    return variables


def _find_python() -> Finding:
    found = python_version()
    if sys.version_info[:2] == PYTHON:
        return Finding("python", found)
    return Finding("python", found, f"Habana's last TensorFlow is for Python 3.10, this is {found}", (_INSTALL,))


def _find_tensorflow() -> Finding:
    finding, (with_cuda, without) = find_tensorflow(), tensorflow_versions()
    if finding.fault or (not with_cuda and without == TENSORFLOW_CPU):
        return finding
    swap = f"pip uninstall -y tensorflow tensorflow-cpu && pip install --no-deps tensorflow-cpu=={TENSORFLOW_CPU}"
    return dataclasses.replace(
        finding,
        fault=f"Habana's module needs tensorflow-cpu {TENSORFLOW_CPU} alone, and aborts with {finding.found}",
        remedies=(swap if sys.version_info[:2] == PYTHON else _INSTALL,),
    )


def _find_package(dtype: str) -> Finding:
    version = package_version("habana-tensorflow")
    found = f"habana-tensorflow {version}" if version else "none"
    if version != PACKAGE:
        fault = f"needs habana-tensorflow {PACKAGE}, here is {version or 'none'}"
        return Finding("habana", found, fault, (_INSTALL,))
    if dtype == "bfloat16" and os.environ.get("TF_BF16_CONVERSION", "0") != "0":
        return Finding(
            "habana",
            found,
            "TF_BF16_CONVERSION is set beside hardware.dtype=bfloat16; what both do together is not defined",
            ("unset TF_BF16_CONVERSION, or leave the conversion to it:  hardware.dtype=float32",),
        )
    return Finding("habana", found)
