"""The folder of one run: its lock, its record (`run.json`), the places of its parts."""

import dataclasses
import fcntl
import json
import logging
import os
import re
import shutil
import stat
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from data.commands import command
from data.errors import UserError
from data.options import of_today
from data.own_files import write_whole
from data.own_folders import NAMES_OF_RUN
from engine.config import Config
from engine.overrides import Overrides

_CHECKPOINT = re.compile(r"ckpt-(\d+)\.index")
_SCRATCH = re.compile(r"\..+\.\d+\.[0-9a-f]{8}\.partial")
_RESOLVER = re.compile(r"\$\{[^${}]*:")


class RunFolder:
    """Has the paths of all files of a run, and keeps its `run.json`.

    Attributes:
      path: the folder.
      metadata: the content of `run.json`; change it with `update`.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.metadata: dict[str, Any] = read_metadata(self.path)
        self._lock: Any = None

    checkpoints = property(lambda self: self.path / "checkpoints")
    best_checkpoint = property(lambda self: self.path / "checkpoints" / "best")
    export = property(lambda self: self.path / "export")
    samples = property(lambda self: self.path / "samples.png")
    history = property(lambda self: self.metadata.get("history", []))

    def acquire(self) -> None:
        """Creates the folder and locks it for this process until the process ends.

        Raises:
          UserError: another process uses it, or it cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = open(self.path / ".lock", "a+", encoding="utf-8", opener=_not_through_links)  # noqa: SIM115 - held for the life of the process
        except OSError as error:
            raise UserError("run_dir", f"cannot write to {self.path} ({error.strerror})") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.seek(0)
            raise UserError(
                "run_dir",
                f"{self.path} is in use by process {self._lock.read().strip() or 'unknown'}",
                ("runs that start in the same second need a folder each:  run_dir=<folder>; a sweep makes them:  -m",),
            ) from None
        if not is_device(self.path / ".lock"):
            self._lock.truncate(0)
            self._lock.write(str(os.getpid()))
            self._lock.flush()
        for left in self.path.glob(".*.partial"):  # of a process that was killed
            if _SCRATCH.fullmatch(left.name):
                left.unlink(missing_ok=True)

    def record_config(self, config: Config, overrides: list[str]) -> None:
        """Writes `.hydra/config.yaml` and `overrides.yaml`, from which `run_dir=` takes an old run's settings.

        Raises:
          UserError: it has a checkpoint that was trained with other settings.
        """
        settings: dict[str, Any] = {
            group: dataclasses.asdict(getattr(config, group)) for group in ("task", "model", "dataset")
        }
        settings["seed"] = config.seed
        before = _of_today(self.metadata.get("settings"), config)
        for known in filter(None, (settings, before)):
            for options in (known["dataset"], *(known["dataset"].get("parts") or {}).values()):
                for place in ("cache_dir", "download", "part"):  # where data lies and what mode=eval measures on
                    options.pop(place, None)
            known["task"]["better"] = settings["task"]["better"]  # the metric's, whatever is recorded
        if before and before != settings and self.latest_checkpoint():
            raise UserError(
                "run_dir",
                f"{self.path} was trained with other settings: {'; '.join(_differences(before, settings))}",
                ("leave run_dir out to start a new run",),
            )
        folder = self.path / ".hydra"
        folder.mkdir(exist_ok=True)
        write_whole(folder / "config.yaml", OmegaConf.to_yaml(_without_resolvers(config.composed)))
        write_whole(folder / "overrides.yaml", OmegaConf.to_yaml(OmegaConf.create(overrides)))
        self.update(settings=settings, overrides=overrides, repeat=repeating(overrides))

    def scratch_copy(self, scratch: Path) -> "RunFolder":
        """A folder for a rank that does not own the run, with the same checkpoint and history.

        Args:
          scratch: an empty folder, which is deleted later.
        """
        (scratch / "checkpoints").mkdir()
        if latest := self.latest_checkpoint():
            for file in [self.checkpoints / "checkpoint", *self.checkpoints.glob(f"{Path(latest).name}.*")]:
                shutil.copy(file, scratch / "checkpoints")
        if self.metadata:
            write_json(scratch / "run.json", self.metadata)
        return RunFolder(scratch)

    def log_to_file(self, name: str) -> None:
        """Appends everything that is logged from now on to `<name>.log` in the folder."""
        file = self.path / f"{name}.log"
        if file.is_symlink() and not is_device(file):
            raise UserError("run_dir", f"{file} is a symbolic link, which is not written through")
        handler = logging.FileHandler(file, encoding="utf-8", errors="backslashreplace")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
        root = logging.getLogger()
        for old in list(root.handlers):
            root.removeHandler(old)
            old.close()
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        logging.captureWarnings(True)
        logging.raiseExceptions = False  # a log that cannot be written prints nothing to the console

    def update(self, **metadata: Any) -> None:
        """Merges metadata into `run.json`, which is replaced whole or not at all."""
        self.metadata |= metadata
        write_json(self.path / "run.json", self.metadata)

    def latest_checkpoint(self) -> str | None:
        """Prefix of the newest checkpoint, or None. Reads the index file that TensorFlow keeps, without TensorFlow."""
        prefixes = checkpoints_in(self.checkpoints)
        return str(prefixes[-1]) if prefixes else None


def checkpoints_in(folder: Path) -> list[Path]:
    """Prefixes of the checkpoints in a folder, the newest last; files of a user with similar names do not count."""
    steps = {int(match[1]): file for file in folder.glob("ckpt-*") if (match := _CHECKPOINT.fullmatch(file.name))}
    return [steps[step].with_suffix("") for step in sorted(steps)]


def is_run(path: Path) -> bool:
    """Whether a folder is that of a run, including one that was killed before its first record."""
    metadata = read_metadata(path)
    if metadata.keys() & {"settings", "repeat", "status"} and metadata.keys() & {"overrides", "history", "task"}:
        return True
    if (path / "run.json").exists() or not (path / ".lock").is_file():
        return False
    recorded = path / ".hydra"
    kept = {file.name for file in recorded.iterdir()} if recorded.is_dir() else set()
    others = [name for name in os.listdir(path) if NAMES_OF_RUN.fullmatch(name) and name not in (".lock", ".hydra")]
    return not others and all(name in ("config.yaml", "overrides.yaml") or _SCRATCH.fullmatch(name) for name in kept)


def write_json(path: Path, metadata: dict[str, Any]) -> None:
    """Writes metadata as indented JSON, whole or not at all."""
    write_whole(path, json.dumps(metadata, indent=1, default=str) + "\n")


def repeating(overrides: list[str]) -> str:
    """The command that starts a new run of the same overrides, in a new folder.

    Args:
      overrides: of the run.
    """
    return command(*Overrides.readable(overrides).without("run_dir"))


def _without_resolvers(config: DictConfig) -> DictConfig:
    """A copy with the values of resolvers, such as the time or an environment variable, in place of their calls.

    Reading the config later calls no resolver. References to other keys stay.
    """

    def settled(raw: Any, parent: Any, key: Any) -> Any:
        if isinstance(raw, dict):
            return {name: settled(value, parent[key], name) for name, value in raw.items()}
        if isinstance(raw, list):
            return [settled(value, parent[key], number) for number, value in enumerate(raw)]
        if isinstance(raw, str) and _RESOLVER.search(raw):
            value = parent[key]
            return value.replace("${", "\\${") if isinstance(value, str) else value
        return raw

    plain: Any = OmegaConf.to_container(config, resolve=False)
    return OmegaConf.create({name: settled(value, config, name) for name, value in plain.items()})


def is_device(path: Path | str) -> bool:
    """Whether a path leads to a character device, such as /dev/null: writing to it replaces nothing."""
    try:
        return stat.S_ISCHR(os.stat(path).st_mode)
    except OSError:
        return False


def _not_through_links(path: str, flags: int) -> int:
    return os.open(path, flags if is_device(path) else flags | os.O_NOFOLLOW, 0o666)


def _of_today(before: dict[str, Any] | None, config: Config) -> dict[str, Any] | None:
    """The settings that an earlier version recorded, as keys of today."""
    if before is None:
        return None
    options = {group: getattr(config, group) for group in ("task", "model", "dataset")}
    return {
        group: of_today(options[group], values) if group in options and isinstance(values, dict) else values
        for group, values in before.items()
        if group in (*options, "seed")
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


def read_metadata(path: Path) -> dict[str, Any]:
    """The content of `run.json` in a folder; empty if there is none."""
    try:
        metadata = json.loads((path / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return metadata if isinstance(metadata, dict) else {}


def is_held(path: Path) -> bool:
    """Whether a living process holds this run folder."""
    try:
        with open(path / ".lock", "rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
