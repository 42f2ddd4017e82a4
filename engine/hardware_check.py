"""Whether this machine can train on the hardware that a config names, found out before anything is started.

Habana's module aborts the process where something is missing, without a Python exception. So all that it needs is
looked for first, in files and package metadata: neither TensorFlow nor the module is imported.
"""

import dataclasses
import importlib.metadata
import os
import sys
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from data.errors import UserError
from engine import cluster

HABANA_TENSORFLOW = "1.14.0.493"
HABANA_DRIVER = "1.14"
HABANA_PYTHON = (3, 10)
HABANA_NEEDS = "2.15.0"
"""Of tensorflow-cpu. The `tensorflow` wheel carries CUDA, whose collectives have the names of Habana's."""

NAME_ALONE = "+cpu"
"""Ends the version of an empty `tensorflow` that asks for tensorflow-cpu: .ci/tensorflow-as-cpu."""

CARD_NAMES = {"hpu": "Gaudi", "gpu": "NVIDIA"}
SYNAPSE = "libSynapse.so"
"""Habana's runtime, which the module opens by this name."""

_INSTALL_HABANA = "make install PYTHON=python3.10 VENV=.venv-3.10, then  .venv-3.10/bin/python train.py ..."
_LOOKED_IN = {"hpu": "/dev/accel and /sys/class/accel", "gpu": "/dev/nvidia0, /dev/nvidia1, ..."}
_CONTAINER_OPTIONS = {"hpu": "--runtime=habana -e HABANA_VISIBLE_DEVICES=all", "gpu": "--gpus all"}


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
      part: what, in a word or two.
      found: what is there.
      fault: why training cannot start; empty if it can.
      remedies: what to do about the fault.
      note: what is worth knowing, but stops nothing.
    """

    part: str
    found: str
    fault: str = ""
    remedies: tuple[str, ...] = ()
    note: str = ""


def require(config: DictConfig, launcher: DictConfig) -> None:
    """Makes sure that training can start on `hardware=`.

    Args:
      config: composed and validated.
      launcher: `hydra.launcher`.

    Raises:
      UserError: it cannot; cards that are not there come first, since nothing else helps then.
    """
    faults = [finding for finding in examine(config, launcher) if finding.fault]
    if not faults:
        return
    first = min(faults, key=lambda finding: finding.part != "cards")
    name, others = config.hardware.name, 0 if first.part == "cards" else len(faults) - 1
    more = (f"{others} more to mend:  python train.py mode=doctor hardware={name}  lists all",) if others else ()
    raise UserError("hardware", f"{name}: {first.fault}", (*first.remedies, *more))


_checked: set[str] = set()


def check_trial(config: DictConfig) -> None:
    """`require` for a trial of a sweep, once for each hardware that its trials name.

    Args:
      config: composed, with its `hydra` node.

    Raises:
      UserError: see `require`.
    """
    name = config.hardware.name
    if config.mode == "train" and config.hardware.device != "cpu" and name not in _checked:
        require(config, config.hydra.launcher)
        _checked.add(name)


def examine(config: DictConfig, launcher: DictConfig) -> list[Finding]:
    """Looks at everything that training on `hardware=` needs here.

    In a rank, which the launcher has given its card, only what may differ from host to host is looked at.
    """
    from hydra_plugins.mpi_launcher.launcher import survey, visible_cards

    hardware, device = config.hardware, config.hardware.device
    findings = [_python(device), _tensorflow(device), *([_habana(hardware.dtype)] if device == "hpu" else [])]
    in_rank = cluster.inside_rank()
    seen = None if in_rank else survey(launcher, device)
    if device != "cpu":
        cards = visible_cards(device) if in_rank else seen.cards
        findings.append(_cards(hardware, cards) if in_rank else _enough_cards(hardware, seen))
        if device == "hpu" and cards:
            findings.append(_runtime(cards))
    return findings if in_rank else [*findings, _open_mpi(hardware, seen), _binding(config, seen)]


def _python(device: str) -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if device == "hpu" and sys.version_info[:2] != HABANA_PYTHON:
        return Finding(
            "python",
            found,
            f"Habana's last TensorFlow is for Python 3.10, this is {found}",
            (_INSTALL_HABANA,),
        )
    if device == "gpu" and sys.version_info < (3, 11):
        return Finding(
            "python",
            found,
            "on Python 3.10 the lock brings TensorFlow without CUDA",
            ("make install PYTHON=python3.11",),
        )
    return Finding("python", found)


def _tensorflow(device: str) -> Finding:
    with_cuda, without = _version("tensorflow"), _version("tensorflow-cpu")
    if with_cuda.endswith(NAME_ALONE):
        with_cuda = ""
    if not with_cuda and not without:
        return Finding("tensorflow", "none", "TensorFlow is not installed", ("make install",))
    found = " and ".join(f"{name} {v}" for name, v in (("tensorflow", with_cuda), ("tensorflow-cpu", without)) if v)
    if device == "hpu" and (with_cuda or without != HABANA_NEEDS):
        fault = f"Habana's module needs tensorflow-cpu {HABANA_NEEDS} alone, and aborts with {found}"
        swap = f"pip uninstall -y tensorflow tensorflow-cpu && pip install --no-deps tensorflow-cpu=={HABANA_NEEDS}"
        return Finding(
            "tensorflow", found, fault, (swap if sys.version_info[:2] == HABANA_PYTHON else _INSTALL_HABANA,)
        )
    if device == "gpu":
        if not with_cuda:
            return Finding("tensorflow", found, f"{found} computes on the processor alone", ("make install",))
        if not _version("nvidia-cudnn-cu12"):
            hint = f'CUDA is the system\'s, if there; else  pip install "tensorflow[and-cuda]=={with_cuda}"'
            return Finding("tensorflow", found, note=hint)
    return Finding("tensorflow", found)


def _habana(dtype: str) -> Finding:
    found = _version("habana-tensorflow")
    if found == HABANA_TENSORFLOW and dtype == "bfloat16" and os.environ.get("TF_BF16_CONVERSION", "0") != "0":
        return Finding(
            "habana",
            f"habana-tensorflow {found}",
            "TF_BF16_CONVERSION is set beside hardware.dtype=bfloat16; what both do together is not defined",
            ("unset TF_BF16_CONVERSION, or leave the conversion to it:  hardware.dtype=float32",),
        )
    if found == HABANA_TENSORFLOW:
        return Finding("habana", f"habana-tensorflow {found}")
    return Finding(
        "habana",
        f"habana-tensorflow {found}" if found else "none",
        f"needs habana-tensorflow {HABANA_TENSORFLOW}, here is {found or 'none'}",
        (_INSTALL_HABANA,),
    )


def _cards(hardware: DictConfig, cards: list[Any]) -> Finding:
    """Whether there are any."""
    kind, instead = CARD_NAMES[hardware.device], "cpu" if hardware.processes == 1 else "cpu2"
    if not cards:
        return Finding(
            "cards",
            "none",
            f"no {kind} card is visible (looked in {_LOOKED_IN[hardware.device]})",
            (
                f"hardware={instead}  takes the same path on this machine's processor",
                f"in a container:  docker run {_CONTAINER_OPTIONS[hardware.device]} ...",
            ),
        )
    numbers = ", ".join(str(card.number) for card in cards)
    driver = f"driver {cards[0].driver}" if cards[0].driver else ""
    return Finding("cards", ", ".join(filter(None, (f"{len(cards)} {kind} ({numbers})", cards[0].model, driver))))


def _enough_cards(hardware: DictConfig, seen: Any) -> Finding:
    """Whether there are as many, and free, as the run takes."""
    if seen.hosts:
        return Finding("cards", f"those of {', '.join(host.name for host in seen.hosts)}")
    finding, kind, total = _cards(hardware, seen.cards), CARD_NAMES[hardware.device], len(seen.cards)
    if finding.fault:
        return finding
    held = [f"card {number} by process {process}" for number, process in sorted(seen.held.items())]
    if hardware.devices > total:
        fault = f"needs {hardware.devices} {kind} cards, {total} are visible"
        return dataclasses.replace(finding, fault=fault, remedies=(f"hardware={hardware.device}1  needs one",))
    if hardware.devices > total - len(held):
        fault = f"needs {hardware.devices} free {kind} cards; of {total} are held: {', '.join(held)}"
        return dataclasses.replace(finding, fault=fault, remedies=("wait for it or end it",))
    notes = [f"held: {', '.join(held)}"] if held else []
    if seen.told is not None and seen.told != total:
        notes.append(f"their maker's tool tells of {seen.told}")
    return dataclasses.replace(finding, note=", ".join(notes))


def _runtime(cards: list[Any]) -> Finding:
    """What Habana's module opens as soon as it is loaded."""
    driver = cards[0].driver
    if not _library_is_known(SYNAPSE):
        return Finding(
            "runtime",
            "none",
            f"Habana's runtime {SYNAPSE} is not found, without which the module aborts",
            ("run in Habana's container, see docs/gaudi.md", "or set LD_LIBRARY_PATH to where it lies"),
        )
    if not cards[0].model:
        return Finding(
            "runtime",
            SYNAPSE,
            "/sys/class/accel/accel0/device/device_type cannot be read, without which the module fails",
            ("give the container the host's /sys",),
        )
    if driver and not driver.startswith(HABANA_DRIVER):
        return Finding("runtime", SYNAPSE, note=f"driver {driver} is not of release {HABANA_DRIVER}")
    return Finding("runtime", SYNAPSE)


def _open_mpi(hardware: DictConfig, seen: Any) -> Finding:
    if seen.open_mpi:
        return Finding("open mpi", seen.open_mpi.version)
    if hardware.processes == 1:
        return Finding("open mpi", "none", note="one process needs none; sweeps and several ranks do")
    what, _, remedy = seen.mpi_fault.partition("; ")
    return Finding("open mpi", "none", what, (remedy,) if remedy else ())


def _binding(config: DictConfig, seen: Any) -> Finding:
    """Habana's rule: each rank has its share of the physical cores, those of the machine over its cards."""
    hardware, cores = config.hardware, seen.physical_cores
    counted = (
        f"{cores} core{'s' if cores > 1 else ''} for {hardware.processes} rank{'s' if hardware.processes > 1 else ''}"
    )
    if hardware.processes == 1 or hardware.binding == "none":
        return Finding("binding", counted, note="unbound")
    if seen.hosts:
        return Finding("binding", "on each host", note="its cores over its ranks")
    if hardware.binding != "core":
        return Finding("binding", counted, note=f"--bind-to core --map-by {hardware.binding}")
    each = cores // max(hardware.processes, len(seen.cards))
    if not each:
        return Finding("binding", counted, note="too few to bind: ranks run unbound")
    return Finding("binding", counted, note=f"{each} each" + (", near its card" if _are_near(seen.cards) else ""))


def _are_near(cards: list[Any]) -> bool:
    return bool(cards) and all(card.numa_node >= 0 for card in cards)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _library_is_known(name: str) -> bool:
    """Whether the dynamic linker would find a library, without opening it."""
    folders = [Path(folder) for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]
    if any((folder / name).exists() for folder in (*folders, Path("/lib"), Path("/usr/lib"))):
        return True
    try:
        return f"{name}\0".encode() in Path("/etc/ld.so.cache").read_bytes()
    except OSError:
        return False
