"""Checks whether this machine can train on the hardware of a config, before anything starts.

It imports neither TensorFlow nor modules that open cards: they abort the process if something is missing.
"""

import dataclasses
import json
from typing import Any

from omegaconf import DictConfig

from data.commands import command, override
from data.errors import UserError
from engine.hardware import cluster
from engine.hardware.device import Hardware
from engine.hardware.findings import Finding
from engine.runs.storage_errors import SHARED_MEMORY_REMEDY


def require(hardware: Hardware, launcher: DictConfig) -> None:
    """Makes sure that training can start.

    Args:
      hardware: of the config.
      launcher: `hydra.launcher`.

    Raises:
      UserError: it cannot. Missing cards come first, because nothing else helps then.
    """
    faults = [finding for finding in examine(hardware, launcher) if finding.fault]
    if not faults:
        return
    first = min(faults, key=lambda finding: finding.part != "cards")
    name, others = hardware.name, 0 if first.part == "cards" else len(faults) - 1
    doctor = command("mode=doctor", override("hardware", name))
    more = (f"{others} more problems, all listed by:  {doctor}",) if others else ()
    raise UserError("hardware", f"{name}: {first.fault}", (*first.remedies, *more))


_required: set[str] = set()


def require_once(hardware: Hardware, launcher: DictConfig) -> None:
    """`require` for the trials of a sweep, once for all trials with the same hardware.

    Raises:
      UserError: see `require`.
    """
    key = json.dumps([type(hardware).__qualname__, dataclasses.asdict(hardware)])
    if key not in _required:
        require(hardware, launcher)
        _required.add(key)


def examine(hardware: Hardware, launcher: DictConfig) -> list[Finding]:
    """Checks everything that training needs here.

    A rank, which has its card from the launcher, checks only what can differ from host to host.
    """
    from hydra_plugins.mpi_launcher.launcher import survey, visible_cards

    findings = hardware.software_findings()
    if cluster.inside_rank():
        cards = visible_cards(hardware.device) if hardware.has_cards else []
        return [*findings, *([_cards(hardware, cards)] if hardware.has_cards else []), *_runtime(hardware, cards)]
    seen = survey(launcher, hardware.device if hardware.has_cards else "")
    if hardware.has_cards:
        findings += [_enough_cards(hardware, seen), *_runtime(hardware, seen.cards)]
    memory = [_shared_memory(hardware, seen.memory_fault)] if seen.memory_fault else []
    return [*findings, *memory, _open_mpi(hardware, seen), _binding(hardware, seen)]


def _runtime(hardware: Hardware, cards: list[Any]) -> list[Finding]:
    return hardware.runtime_findings(cards) if cards else []


def _cards(hardware: Hardware, cards: list[Any]) -> Finding:
    """Whether there are any."""
    instead = "cpu" if hardware.processes == 1 else "cpu2"
    if not cards:
        return Finding(
            "cards",
            "none",
            f"no {hardware.label} card is visible (looked in {hardware.places})",
            (
                f"hardware={instead}  takes the same path on this machine's processor",
                f"in a container:  docker run {hardware.container_options} ...",
            ),
        )
    numbers = ", ".join(str(card.number) for card in cards)
    driver = f"driver {cards[0].driver}" if cards[0].driver else ""
    return Finding(
        "cards", ", ".join(filter(None, (f"{len(cards)} {hardware.label} ({numbers})", cards[0].model, driver)))
    )


def _enough_cards(hardware: Hardware, seen: Any) -> Finding:
    """Whether there are as many free cards as the run needs."""
    if seen.hosts:
        return Finding("cards", f"those of {', '.join(host.name for host in seen.hosts)}")
    finding, kind, total = _cards(hardware, seen.cards), hardware.label, len(seen.cards)
    if finding.fault:
        return finding
    held = [f"card {number} by process {process}" for number, process in sorted(seen.held.items())]
    if hardware.devices > total:
        fault = f"needs {hardware.devices} {kind} cards, {total} are visible"
        return dataclasses.replace(
            finding, fault=fault, remedies=("hardware.devices=1 hardware.processes=1  needs one",)
        )
    if hardware.devices > total - len(held):
        fault = f"needs {hardware.devices} free {kind} cards; of {total} are held: {', '.join(held)}"
        return dataclasses.replace(finding, fault=fault, remedies=("wait for it or end it",))
    notes = [f"held: {', '.join(held)}"] if held else []
    if seen.reported is not None and seen.reported != total:
        notes.append(f"their maker's tool reports {seen.reported}")
    return dataclasses.replace(finding, note=", ".join(notes))


def _shared_memory(hardware: Hardware, fault: str) -> Finding:
    """Ranks use it for locks, and cards to exchange gradients."""
    if hardware.processes == 1 and not hardware.has_cards:
        return Finding("shared memory", "/dev/shm", note=f"{fault}; one process needs none, several ranks do")
    return Finding("shared memory", "/dev/shm", fault, (SHARED_MEMORY_REMEDY,))


def _open_mpi(hardware: Hardware, seen: Any) -> Finding:
    if seen.open_mpi:
        return Finding("open mpi", seen.open_mpi.version)
    if hardware.processes == 1:
        return Finding("open mpi", "none", note="one process needs none; sweeps and several ranks do")
    what, _, remedy = seen.mpi_fault.partition("; ")
    return Finding("open mpi", "none", what, (remedy,) if remedy else ())


def _binding(hardware: Hardware, seen: Any) -> Finding:
    """Habana's rule: each rank has its share of the physical cores, the cores of the machine divided by its cards."""
    cores = seen.physical_cores
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
