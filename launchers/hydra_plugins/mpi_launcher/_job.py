"""One job of a sweep: its needs, its folder and its history."""

import dataclasses
import math
import pickle
import sys
import time
from enum import Enum
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn
from hydra_plugins.mpi_launcher._devices import device_of
from hydra_plugins.mpi_launcher._errors import headline, LaunchError
from hydra_plugins.mpi_launcher.reports import ReportFiles
from omegaconf import DictConfig, ListConfig
from omegaconf.errors import OmegaConfBaseException


class State(str, Enum):
    """The state of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    PRUNED = "pruned"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    CANCELLED = "cancelled"


RETURNED = (State.DONE, State.PRUNED)
"""States of a job that returned a value."""

STARTED = "%Y-%m-%dT%H:%M:%S"
"""How the local time of a job's start is written."""

ENDED = (*RETURNED, State.FAILED, State.TIMED_OUT, State.CANCELLED)


@dataclasses.dataclass(frozen=True)
class Needs:
    """What a job needs; the first group of `_config.MpiLauncherConf`."""

    processes: int = 1
    devices: int = 0
    binding: str = "none"
    env: dict[str, str] = dataclasses.field(default_factory=dict)
    duration: float = 0.0
    device_kind: str = "hpu"

    @classmethod
    def of(cls, config: DictConfig, job: str) -> "Needs":
        """Reads them from a job's composed config.

        Raises:
          LaunchError: a value is not valid; the message names the job.
        """
        launcher = config.hydra.launcher
        if "processes" not in launcher:  # another launcher's config: a job of one rank
            return cls()
        try:
            values = {field.name: launcher[field.name] for field in dataclasses.fields(cls)}
        except OmegaConfBaseException as error:
            raise LaunchError(f"{job}: {str(error).splitlines()[0]}") from None
        needs = cls(
            int(values["processes"]),
            int(values["devices"]),
            str(values["binding"] or "none"),
            {str(name): str(value) for name, value in values["env"].items()},
            float(values["duration"]),
            str(values["device_kind"]),
        )
        if needs.processes < 1:
            raise LaunchError(
                f"{job}: hydra.launcher.processes is {needs.processes}, of which there must be one or more"
            )
        if needs.devices:
            device_of(needs.device_kind)  # raises where there is none of that name
        if needs.devices < 0 or needs.devices % needs.processes not in (0, needs.devices):
            raise LaunchError(
                f"{job}: {needs.devices} cards (hydra.launcher.devices) cannot be split over {needs.processes} ranks"
            )
        return needs

    @property
    def pool(self) -> str:
        """Name of the pool that it takes its places from: `cards` or `slots`."""
        return "cards" if self.devices else "slots"

    @property
    def places(self) -> int:
        """How many places of its pool it takes: cards, or a CPU slot for each rank."""
        return self.devices or self.processes


@dataclasses.dataclass
class Job:
    """A job and its history.

    Attributes:
      number: of the trial in the sweep.
      overrides: its overrides, as text.
      config: composed; None once the job is done, as `result` brings what it ran with.
      needs: what it needs.
      output_dir: its folder.
      state: now.
      attempts: how often it was started.
      seconds: of the latest attempt.
      placement: the places that it holds or held last, as text.
      value: what rank 0 returned, if that can be written as JSON.
      error: why it failed, the traceback as text.
      exception: the exception itself, if it could be unpickled here.
      result: what the sweeper gets.
    """

    number: int
    overrides: list[str]
    config: DictConfig | None
    needs: Needs
    output_dir: Path
    state: State = State.QUEUED
    attempts: int = 0
    seconds: float = 0.0
    started: float = 0.0
    placement: str = ""
    value: Any = None
    error: str = ""
    exception: BaseException | None = None
    result: JobReturn | None = None

    @property
    def name(self) -> str:
        """For people."""
        return f"job {self.number}"

    def end_with(self, result: JobReturn, state: State = State.DONE) -> None:
        """Notes the result. The config is dropped to save memory in long sweeps: `result` has a copy."""
        self.state, self.error, self.exception = state, "", None
        self.result, self.config = result, None

    def record(self) -> dict[str, Any]:
        """For `jobs.json`."""
        return {
            "state": self.state.value,
            "overrides": self.overrides,
            "folder": str(self.output_dir),
            "attempts": self.attempts,
            "placement": self.placement,
            "started": time.strftime(STARTED, time.localtime(self.started)) if self.started else None,
            "seconds": round(self.seconds, 2),
            "value": self.value,
            "error": headline(self.error) or None,
        }


class JobFiles:
    """The files through which a job and its ranks communicate. Only the user can read them.

    Args:
      sweep_dir: folder of the sweep.
      number: of the job.
    """

    def __init__(self, sweep_dir: Path, number: int) -> None:
        self.folder = sweep_dir / ".launcher" / str(number)

        self.job = self.folder / "job.pkl"
        self.result = self.folder / "result.pkl"
        self.output = self.folder / "output.log"
        self.reports = ReportFiles(self.folder)

    def error(self, rank: int) -> Path:
        """Where a rank writes the traceback that ended it."""
        return self.folder / f"error_{rank}.txt"

    def exception(self, rank: int) -> Path:
        """Where a rank writes the exception itself, if it can be written."""
        return self.folder / f"error_{rank}.pkl"

    def note(self, rank: int) -> Path:
        """Where a rank writes warnings for the user that do not end the job, a line each."""
        return self.folder / f"note_{rank}.txt"

    def of_rank(self, rank: int) -> Path:
        """What a rank above 0 has in place of the job's `.hydra`."""
        return self.folder / f"rank_{rank}"

    def first_exception(self) -> Exception | None:
        """The exception behind the first of `errors`, if all that it is made of has been imported here."""
        files = sorted(self.folder.glob("error_*.txt"), key=lambda file: file.stat().st_mtime_ns)
        try:
            with open(files[0].with_suffix(".pkl"), "rb") as file:
                error = _KnownOnly(file).load()
        except Exception:  # no file, or a class that is unknown here
            return None
        return error if isinstance(error, Exception) else None

    def errors(self) -> list[str]:
        """Tracebacks of the ranks, the earliest first."""
        files = sorted(self.folder.glob("error_*.txt"), key=lambda file: file.stat().st_mtime_ns)
        return [file.read_text(encoding="utf-8", errors="replace") for file in files]

    def notes(self) -> list[str]:
        """Notes of the ranks, without duplicate lines."""
        texts = [file.read_text(encoding="utf-8", errors="replace") for file in sorted(self.folder.glob("note_*.txt"))]
        return list(dict.fromkeys(line for text in texts for line in text.splitlines()))

    def endings(self) -> str:
        """Why ranks were asked to end, a line for each rank."""
        files = sorted(self.folder.glob("ending_*.txt"))
        return "".join(f"rank {file.stem.partition('_')[2]}: {file.read_text(errors='replace')}" for file in files)

    def how_it_returned(self) -> State:
        """The state of a job that has returned: `DONE`, or `PRUNED` if it was pruned."""
        return State.PRUNED if self.reports.obeyed.exists() else State.DONE

    def make(self) -> None:
        """Makes the folder, private, without the remains of an earlier attempt; output and reports are kept."""
        for folder in (self.folder.parent, self.folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
        left = [file for kind in ("error", "ending", "note") for file in self.folder.glob(f"{kind}_*")]
        for file in [self.job, self.result, self.reports.verdict, self.reports.obeyed, *left]:
            file.unlink(missing_ok=True)


class _KnownOnly(pickle.Unpickler):
    """Imports nothing, because the libraries of a job's exception may take seconds to import, and print."""

    def find_class(self, module: str, name: str) -> Any:
        if module not in sys.modules:
            raise pickle.UnpicklingError(f"{module} is not imported here")
        return super().find_class(module, name)


MOST_IN_ARRAY = 16
"""Numbers of a returned array that are objectives, and not data."""


def jsonable(value: Any) -> Any:
    """A returned value as JSON holds it: numbers and sequences of numbers as they are, else text."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()  # numpy's: a truth value is no number
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, bytes):
        return str(value)
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and len(shape) == 1 and shape[0] <= MOST_IN_ARRAY and hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple | ListConfig):
        return [jsonable(item) for item in value]
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    try:
        return float(value)  # numpy's and TensorFlow's scalars
    except (TypeError, ValueError):
        return str(value)


def first_number(value: Any) -> float | None:
    """The number that a job is ranked by: its value, or the first of several. Truth values and texts are none."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond all floats
        return None
    return number if math.isfinite(number) else None
