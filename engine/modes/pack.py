"""mode=pack: the best weights of a run as the pretrained model, with its card."""

import dataclasses
import shlex
import tempfile
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher.text import shown_path

from data.errors import UserError
from data.own_files import read_json
from engine.config import Config
from engine.console import Console
from engine.hardware.tensorflow_setup import configure_tensorflow
from engine.modes.export import best_of
from engine.modes.loading import load_data
from engine.modes.pretrained import write_export
from engine.overrides import Overrides
from engine.runs.checkpoints import step_of
from engine.runs.run_folder import RunFolder
from models.pretrained.card import CARD, Card, check_replaceable, FOLDER, read_card, sha256_of, WEIGHTS, write_card


def pack(config: Config, overrides: list[str]) -> None:
    """Packs the best weights of `run_dir`, measures them as packed, and writes their card.

    The card has the metrics on the validation part of the config's dataset, and those of every report that mode=eval
    wrote into the run's folder.

    Raises:
      UserError: the run has no weights, nothing says what the model does badly, or there are files of the user.
    """
    console, run = Console(), RunFolder(config.run_dir)
    folder = Path(config.pack.output or FOLDER / config.task.name)
    check_replaceable(folder)
    bad_at = [text.strip() for text in config.pack.bad_at if text.strip()] or _bad_at_before(folder)
    data: Any = load_data(config, console)
    configure_tensorflow(config)
    from models.pretrained.weights import pack_weights, unpack_weights  # imports TensorFlow, which is configured now

    prefix = best_of(config, run, console)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".pack.", dir=folder) as scratch:
        packed = Path(scratch, WEIGHTS)
        parameters = pack_weights(prefix, packed)
        weights = {"sha256": sha256_of(packed), "bytes": packed.stat().st_size, "parameters": parameters}
        card = Card(
            task=config.task.name,
            model=dataclasses.asdict(config.model),
            weights={**weights, "dtype": "float16"},
            training=_training(run, step_of(prefix), config.trainer.train_steps),
            data=_data(run),
            metrics={},
            bad_at=bad_at,
        )
        unpack_weights(packed, Path(scratch, "checkpoint"))
        write_export(card, f"{scratch}/checkpoint", Path(scratch, "export"))
        serving = config.task.serving(config.model)
        with console.progress("eval", serving.evaluation_length(data)) as update:
            metrics = serving.evaluate(Path(scratch, "export"), data, update)
        measured = {f"{config.dataset.name}, validation": metrics, **_reports(run, config.dataset.name)}
        packed.replace(folder / WEIGHTS)
    write_card(dataclasses.replace(card, metrics=measured), folder)
    console.line("packed", f"{shown_path(folder)}: {weights['bytes']:,} bytes, {parameters:,} weights")
    console.line("", config.task.report(config.dataset, config.model).describe_metrics(metrics))


def _bad_at_before(folder: Path) -> list[str]:
    """The weaknesses on the card that is replaced.

    Raises:
      UserError: there is none.
    """
    if (folder / CARD).exists():
        return read_card(folder).bad_at
    remedy = ('pack.bad_at=["misses faint ink","takes stamps for signatures"]',)
    raise UserError("pack.bad_at", "a model card lists what the model does badly", remedy)


def _training(run: RunFolder, step: int, steps: int) -> dict[str, Any]:
    record = run.metadata
    overrides = Overrides.readable(record.get("overrides") or []).without("run_dir", "dataset.cache_dir")
    git, hardware = record.get("git") or {}, record.get("hardware") or {}
    return {
        "experiment": str(overrides.get("experiment", "")),
        "repeat": " ".join(["python train.py", *map(_without_place, overrides)]),
        "status": record.get("status", ""),
        "commit": git.get("commit", ""),
        "dirty": bool(git.get("dirty")),
        "started": record.get("started", ""),
        "seconds": record.get("seconds", 0.0),
        "step": step,
        "steps": steps,
        "seed": (record.get("settings") or {}).get("seed"),
        "hardware": f"{hardware.get('name')}, {record.get('cores')} cores, {hardware.get('dtype')}",
        "versions": record.get("versions", {}),
    }


def _without_place(override: str) -> str:
    """An override for another machine: a folder of this one becomes `<folder>`."""
    key, _, value = override.partition("=")
    return f"{key}=<folder>" if value.strip("'\"").startswith(("/", "~")) else shlex.quote(override)


def _data(run: RunFolder) -> dict[str, Any]:
    """Name, fingerprint and counts, without the names of files that were left out."""
    return {name: value for name, value in run.metadata.get("dataset", {}).items() if not isinstance(value, list)}


def _reports(run: RunFolder, measured_here: str) -> dict[str, dict[str, float]]:
    """What mode=eval measured of the run's export on other datasets."""
    found = {}
    for file in sorted(run.path.glob("eval_*.json")):
        report = read_json(file)
        if isinstance(report, dict) and isinstance(report.get("metrics"), dict):
            name, part = str(report.get("dataset")), str(report.get("part", "validation"))
            if (name, part) != (measured_here, "validation"):
                found[f"{name}, {part}"] = report["metrics"]
    return found
