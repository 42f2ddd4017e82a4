"""The folder of one run: who holds it, what happened in it (`run.json`), where its parts lie."""

import dataclasses
import datetime
import fcntl
import importlib.metadata
import json
import logging
import os
import platform
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from data.errors import UserError
from engine.config import Config

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = (
    "tensorflow",
    "tensorflow-cpu",
    "tf-models-official",
    "tf-keras",
    "habana-tensorflow",
    "hydra-core",
    "numpy",
)


class RunFolder:
    """Names every file of a run and keeps its `run.json`.

    Attributes:
      path: the folder.
      facts: what `run.json` holds; change it by `update`.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.facts: dict[str, Any] = read_facts(self.path)
        self._lock = None

    checkpoints = property(lambda self: self.path / "checkpoints")
    best_checkpoint = property(lambda self: self.path / "checkpoints" / "best")
    export = property(lambda self: self.path / "export")
    samples = property(lambda self: self.path / "samples.png")
    history = property(lambda self: self.facts.get("history", []))

    def acquire(self) -> None:
        """Makes the folder and takes it for this process, until the process ends however it ends.

        Raises:
          UserError: another process is at work in it, or it cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = open(self.path / ".lock", "a+")  # noqa: SIM115 - held for the life of the process
        except OSError as error:
            raise UserError("run_dir", f"cannot write to {self.path} ({error.strerror})") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.seek(0)
            raise UserError(
                "run_dir", f"{self.path} is in use by process {self._lock.read().strip() or 'unknown'}"
            ) from None
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()

    def record_config(self, config: Config, overrides: list[str]) -> None:
        """Writes `.hydra/config.yaml` and `overrides.yaml`, from which `run_dir=` takes an old run's settings.

        Raises:
          UserError: a checkpoint is here that was trained with other settings.
        """
        settings: dict[str, Any] = {
            group: dataclasses.asdict(getattr(config, group)) for group in ("task", "model", "dataset")
        }
        settings["seed"] = config.seed
        before = _of_today(self.facts.get("settings"), settings)
        for known in filter(None, (settings, before)):
            for place in ("cache_dir", "download"):  # where data comes from, or its derived arrays lie, changes nothing
                known["dataset"].pop(place, None)
            known["task"]["better"] = settings["task"]["better"]  # the metric's, whatever is recorded
        if before and before != settings and self.latest_checkpoint():
            raise UserError(
                "run_dir",
                f"{self.path} was trained with other settings: {'; '.join(_differences(before, settings))}",
                ("leave run_dir out to start a new run",),
            )
        folder = self.path / ".hydra"
        folder.mkdir(exist_ok=True)
        write_whole(folder / "config.yaml", OmegaConf.to_yaml(config.composed))
        write_whole(folder / "overrides.yaml", OmegaConf.to_yaml(OmegaConf.create(overrides)))
        self.update(settings=settings, overrides=overrides, repeat=repeating(overrides))

    def scratch_copy(self, scratch: Path) -> "RunFolder":
        """A folder for a rank that does not own the run: it starts from the same checkpoint and history.

        Args:
          scratch: an empty folder, of which nothing is kept.
        """
        (scratch / "checkpoints").mkdir()
        if latest := self.latest_checkpoint():
            for file in [self.checkpoints / "checkpoint", *self.checkpoints.glob(f"{Path(latest).name}.*")]:
                shutil.copy(file, scratch / "checkpoints")
        if self.facts:
            write_json(scratch / "run.json", self.facts)
        return RunFolder(scratch)

    def log_to_file(self, name: str) -> None:
        """Sends everything that is logged from now on to `<name>.log` in the folder, appending."""
        handler = logging.FileHandler(self.path / f"{name}.log")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
        root = logging.getLogger()
        for old in list(root.handlers):
            root.removeHandler(old)
            old.close()
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        logging.captureWarnings(True)
        logging.raiseExceptions = False  # a log that cannot be written has nothing to say on the console

    def update(self, **facts: Any) -> None:
        """Merges facts into `run.json`, which is replaced whole, never half."""
        self.facts |= facts
        write_json(self.path / "run.json", self.facts)

    def latest_checkpoint(self) -> str | None:
        """Prefix of the newest checkpoint, or None. Reads the index file that TensorFlow keeps, without TensorFlow."""
        prefixes = [path.with_suffix("") for path in self.checkpoints.glob("ckpt-*.index")]
        return str(max(prefixes, key=lambda prefix: int(prefix.name.split("-")[1]))) if prefixes else None


def write_whole(path: Path, text: str) -> None:
    """Writes a file aside and renames it, so that nobody ever reads half of it."""
    scratch = path.with_name(path.name + ".partial")
    scratch.write_text(text)
    os.replace(scratch, path)


def write_json(path: Path, facts: dict[str, Any]) -> None:
    """Writes facts as indented JSON, whole or not at all."""
    write_whole(path, json.dumps(facts, indent=1, default=str) + "\n")


def repeating(overrides: list[str]) -> str:
    """The command that starts a run of the same words anew, in a folder of its own.

    Args:
      overrides: the words of the run.
    """
    words = [word for word in overrides if word.partition("=")[0] != "run_dir"]
    return shlex.join(["python", "train.py", *words])


def _of_today(before: dict[str, Any] | None, now: dict[str, Any]) -> dict[str, Any] | None:
    """The settings that an earlier version recorded, without keys of its own that meant nothing for this run."""
    if before is None:
        return None
    return {
        group: {key: value for key, value in values.items() if key in now[group]}
        if isinstance(values, dict)
        else values
        for group, values in before.items()
        if group in now
    }


def _differences(before: dict[str, Any], now: dict[str, Any], prefix: str = "") -> list[str]:
    found = []
    for key in sorted(before.keys() | now.keys()):
        old, new = before.get(key), now.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            found += _differences(old, new, f"{prefix}{key}.")
        elif old != new:
            found.append(f"{prefix}{key} was {old}, now {new}")
    return found


def read_facts(path: Path) -> dict[str, Any]:
    """What stands in a folder's `run.json`; empty if it has none."""
    try:
        return json.loads((path / "run.json").read_text())
    except (OSError, ValueError):
        return {}


def is_held(path: Path) -> bool:
    """Whether a living process holds this run folder."""
    try:
        with open(path / ".lock") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def origin() -> dict[str, Any]:
    """Where and from what a run is started: time, host, versions, git commit."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "started": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "host": platform.node(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "command": shlex.join(["python", *sys.argv]),
        "git": _git(),
        "versions": versions,
    }


def _git() -> dict[str, Any]:
    def ask(*words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=REPOSITORY, capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        return {"commit": ask("rev-parse", "HEAD"), "dirty": bool(ask("status", "--porcelain", "--untracked-files=no"))}
    except (OSError, subprocess.CalledProcessError):  # no git, or not a checkout
        return {}
