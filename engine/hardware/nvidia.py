"""`hardware=gpu1`, `gpu8`: NVIDIA's cards, in TensorFlow's own way."""

import dataclasses
import sys

from data.commands import make
from data.errors import UserError
from engine.hardware.device import find_tensorflow, Hardware, python_version, tensorflow_versions
from engine.hardware.findings import Finding, package_version


@dataclasses.dataclass
class Nvidia(Hardware):
    """NVIDIA's cards, a rank each."""

    label = "NVIDIA"
    tensorflow_device = "GPU"
    places = "/dev/nvidia0, /dev/nvidia1, ..."
    container_options = "--gpus all"

    def software_findings(self) -> list[Finding]:
        return [_find_python(), _find_tensorflow()]

    def open(self) -> None:
        """The launcher shows each rank only its own card; a run that it did not start uses the first one."""
        import tensorflow as tf

        cards = tf.config.list_physical_devices("GPU")
        if not cards:
            raise UserError(
                "hardware",
                f"{self.name}: TensorFlow finds no NVIDIA card, though the driver shows one: CUDA or cuDNN is missing",
                (f'pip install "tensorflow[and-cuda]=={tf.__version__}"',),
            )
        tf.config.set_visible_devices(cards[:1], "GPU")


def _find_python() -> Finding:
    if sys.version_info >= (3, 11):
        return Finding("python", python_version())
    fault = "on Python 3.10 the lock brings TensorFlow without CUDA"
    return Finding("python", python_version(), fault, (make("install", "PYTHON=python3.11"),))


def _find_tensorflow() -> Finding:
    finding, (with_cuda, _) = find_tensorflow(), tensorflow_versions()
    if finding.fault:
        return finding
    if not with_cuda:
        return dataclasses.replace(
            finding, fault=f"{finding.found} computes only on the processor", remedies=(make("install"),)
        )
    if not package_version("nvidia-cudnn-cu12"):
        note = f'CUDA is the system\'s, if there; else  pip install "tensorflow[and-cuda]=={with_cuda}"'
        return dataclasses.replace(finding, note=note)
    return finding
