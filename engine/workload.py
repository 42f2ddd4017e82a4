"""What a task (`task=cleaner|detector`) is to the engine: its data, its tf-models task, its export, its words."""

import abc
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TYPE_CHECKING

from omegaconf import DictConfig

from data.fingerprint import Fingerprint
from data.parallel import Progress

if TYPE_CHECKING:
    from official.core import base_task, config_definitions

    from engine.console import Console
    from engine.run_folder import RunFolder


class Data(Protocol):
    """A dataset in memory or mapped into it."""

    bad: list[tuple[str, str]]
    """(name, reason) of what was skipped."""

    fingerprint: str
    """Changes whenever the dataset does, or what is made of it for this model."""

    source: Fingerprint
    """Of the dataset alone."""


class Pictures(Protocol):
    """Draws validation examples after evaluations."""

    def write(self, model: Any, step: int, logged: bool, is_best: bool) -> None:
        """Draws what the model now makes of them, for TensorBoard if `logged`, as the run's samples if `is_best`."""


class Workload(abc.ABC):
    """One task. TensorFlow is imported by the methods that need it, never by the module.

    Args:
      config: the composed config.
    """

    unit: str
    """What is trained on, in the plural."""

    source: str
    """What a dataset is read from and may be bad, in the plural."""

    signver: str
    """How SignVer loads the export."""

    doing: str
    """What mode=predict does, as the label of its progress bar."""

    def __init__(self, config: DictConfig) -> None:
        self.config = config

    @abc.abstractmethod
    def load_data(self, progress: Callable[[str], Progress] | None = None) -> Data:
        """Reads or makes the dataset.

        Raises:
          UserError: it is not there, or too much of it is bad.
        """

    @abc.abstractmethod
    def describe_data(self, data: Data) -> str:
        """A line for the console."""

    @abc.abstractmethod
    def data_facts(self, data: Data) -> dict[str, Any]:
        """Counts for `run.json`."""

    @abc.abstractmethod
    def describe_sides(self, data: Data) -> list[tuple[str, str]]:
        """(label, text) lines of what either side of the split has."""

    def preparation_report(self) -> list[tuple[str, str]]:
        """(label, text) lines of what became of the dataset's pages when they were split here; often nothing."""
        return []

    @abc.abstractmethod
    def draw_samples(self, data: Data, path: Path, count: int) -> None:
        """Writes a picture of so many samples of both sides with their labels."""

    @abc.abstractmethod
    def describe_metrics(self, metrics: dict[str, float]) -> str:
        """The headline numbers in a line."""

    def check_start(self) -> None:
        """Makes sure, before a new run leaves a folder behind, that what it starts from is there.

        Raises:
          UserError: it is not.
        """
        return None  # most tasks start from nothing

    @abc.abstractmethod
    def task_config(self) -> "config_definitions.TaskConfig":
        """tf-models' task config, but for the batch sizes."""

    @abc.abstractmethod
    def build_task(
        self, params: "config_definitions.ExperimentConfig", data: Data, first_step: int
    ) -> "base_task.Task":
        """The tf-models task of a run that trains on from a step."""

    @abc.abstractmethod
    def pictures(self, run: "RunFolder", data: Data, count: int) -> Pictures:
        """Draws `count` validation examples into the run's folder; 0 for none."""

    @abc.abstractmethod
    def export(self, checkpoint: str, folder: Path) -> None:
        """Writes the weights of a checkpoint (its prefix) as the SavedModel that SignVer loads."""

    @abc.abstractmethod
    def evaluation_length(self, data: Data) -> int:
        """How many validation examples `evaluate` goes through."""

    @abc.abstractmethod
    def evaluate(self, folder: Path, data: Data, progress: Callable[[int, str], None]) -> dict[str, float]:
        """Metrics of an export on the dataset's validation side."""

    @abc.abstractmethod
    def predict(self, folder: Path, console: "Console") -> None:
        """Uses an export on the files of `predict.input`.

        Raises:
          UserError: none of them can be read.
        """
