"""The interface of a task: its datasets, models and metrics, its training, its use and its pictures."""

import abc
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, TYPE_CHECKING, TypeVar

from data.datasets.dataset import Dataset
from data.errors import UserError
from data.loaded import Data
from data.options import option, Options
from data.parallel import Progress
from models.optimisation import Model
from models.part_metrics import part_name, plain_name
from models.worst import Example

if TYPE_CHECKING:
    import tensorflow as tf
    from official.core import base_task, config_definitions


D = TypeVar("D", bound=Data)


@dataclasses.dataclass(frozen=True)
class Metric:
    """A validation metric.

    Attributes:
      better: `higher` or `lower` values are better.
      label: its name in messages; empty for the name of the metric.
    """

    better: str
    label: str = ""

    def __post_init__(self) -> None:
        if self.better not in ("higher", "lower"):
            raise ValueError(f"better is higher or lower, not {self.better}")


@dataclasses.dataclass(frozen=True)
class FileResult:
    """The result of using a model on a file.

    Attributes:
      file: the file.
      output: the last picture written for it; None if it cannot be read.
      text: what was found, or why it cannot be read.
    """

    file: Path
    output: Path | None
    text: str


@dataclasses.dataclass
class Task(Options, abc.ABC):
    """What a model learns, and the metric that measures it. `conf/task/<name>.yaml` names the subclass of a task.

    The class attributes say what belongs to the task. The methods return the three parts that the engine uses.
    """

    name: str = option()
    metric: str = option()
    better: str = option(choices=("higher", "lower"))

    dataset_type: ClassVar[type[Dataset]]
    """Datasets of the task are subclasses."""

    model_type: ClassVar[type[Model]]
    """Models of the task are subclasses."""

    metrics: ClassVar[Mapping[str, Metric]]
    """Every validation metric by its name."""

    unit: ClassVar[str]
    """The examples of training, in the plural: pairs."""

    source: ClassVar[str]
    """The parts of a dataset that can be bad, in the plural: scans."""

    def check(self) -> None:
        if plain_name(self.metric) not in self.metrics:
            raise UserError("task.metric", f"{self.metric} is not a value that it takes ({' | '.join(self.metrics)})")
        better = self.metrics[plain_name(self.metric)].better
        if self.better != better:
            raise UserError(
                "task.better",
                f"{self.better} contradicts task.metric={self.metric}, of which {better} values are better; "
                "leave task.better out",
            )

    def label(self, metric: str) -> str:
        """The name of a metric in messages."""
        known, part = self.metrics.get(plain_name(metric)), part_name(metric)
        label = (known.label if known else "") or plain_name(metric)
        return f"{part} {label}" if part else label

    @abc.abstractmethod
    def load_data(self, dataset: Any, model: Any, progress: Callable[[str], Progress] | None = None) -> Any:
        """Reads or makes the dataset, an object as `Data` describes.

        Args:
          dataset: of `dataset_type`.
          model: of `model_type`.
          progress: makes a progress callback for a named stage.

        Raises:
          UserError: it does not exist, or too much of it is bad.
        """

    def check_start(self, dataset: Any, model: Any) -> None:
        """Makes sure, before there is a run folder, that the initial weights of a new run exist.

        Raises:
          UserError: they do not.
        """
        return None  # most tasks start from random weights

    @abc.abstractmethod
    def training(self, dataset: Any, model: Any) -> "Training[Any]":
        """How a model is trained on a dataset."""

    @abc.abstractmethod
    def serving(self, model: Any) -> "Serving[Any]":
        """How a trained model is exported, measured and used."""

    @abc.abstractmethod
    def report(self, dataset: Any, model: Any) -> "Report[Any]":
        """The texts and pictures for the user."""


class Training(abc.ABC, Generic[D]):
    """How a task is trained, in tf-models' terms."""

    @abc.abstractmethod
    def task_config(self) -> "config_definitions.TaskConfig":
        """tf-models' task config without batch sizes."""

    @abc.abstractmethod
    def build_task(
        self, params: "config_definitions.ExperimentConfig", data: D, *, seed: int, first_step: int
    ) -> "base_task.Task":
        """The tf-models task of a run.

        Args:
          params: of the whole run.
          data: the dataset.
          seed: of the order of the data and of all random choices.
          first_step: the global step that training starts from.
        """

    def start_notes(self) -> Sequence[tuple[str, str]]:
        """(label, text) lines on the initial weights of a new run; empty if there is nothing to say."""
        return []


class Serving(abc.ABC, Generic[D]):
    """The export of a trained network and its use."""

    signver: ClassVar[str]
    """How SignVer, or the user of another task, loads the export."""

    action: ClassVar[str]
    """Label of the progress bar of mode=predict: clean."""

    done: ClassVar[str]
    """Label of a file in the output of mode=predict: cleaned."""

    suffixes: ClassVar[Sequence[str]]
    """Suffixes of the files that mode=predict reads in a folder, in lower case, with their dots."""

    @abc.abstractmethod
    def export(self, checkpoint: str, folder: Path) -> None:
        """Writes the weights of a checkpoint (its prefix) as a SavedModel."""

    def convert(self, checkpoint: str, formats: Mapping[str, Path]) -> None:
        """Writes the weights of a checkpoint as files of formats beside the SavedModel, with the same function.

        Args:
          checkpoint: its prefix.
          formats: name of a format (`models.formats.files.FORMATS`) -> its file.

        Raises:
          UserError: the task has no other formats.
        """
        raise UserError("export.formats", "models of this task are exported as saved_model only")

    @abc.abstractmethod
    def evaluation_length(self, data: D) -> int:
        """The number of validation examples that `evaluate` uses."""

    @abc.abstractmethod
    def evaluate(self, folder: Path, data: D, progress: Callable[[int, str], None]) -> dict[str, float]:
        """Metrics of an export on the validation split of a dataset."""

    draws_worst: ClassVar[bool] = False
    """Whether the task has `evaluate_examples` and `draw_worst`, for `eval.worst`."""

    def evaluate_examples(
        self, folder: Path, data: D, progress: Callable[[int, str], None], count: int
    ) -> tuple[dict[str, float], list[Example]]:
        """The same as `evaluate`, with the `count` worst examples, the worst first."""
        raise NotImplementedError

    def draw_worst(self, examples: Sequence[Example], path: Path) -> None:
        """Writes a picture of examples from `evaluate_examples`, at least one."""
        raise NotImplementedError

    @abc.abstractmethod
    def predict(self, folder: Path, files: Sequence[Path], output: Path, score: float) -> Iterator[FileResult]:
        """Uses an export on files.

        Args:
          folder: of the export.
          files: to use it on.
          output: folder for the results.
          score: `predict.score`, for a task that finds things.
        """

    leaves_background_out: ClassVar[bool] = False
    """Whether the task has `predict_transparent`, for `predict.transparent=true`."""

    def predict_transparent(self, folder: Path, files: Sequence[Path], output: Path) -> Iterator[FileResult]:
        """The same as `predict`, with pictures whose background is transparent."""
        raise NotImplementedError

    @abc.abstractmethod
    def describe_outputs(self, results: Sequence[FileResult], output: Path) -> list[tuple[str, Path | str]]:
        """(label, path or text) lines on the files that `predict` wrote to the folder `output`."""


class Report(abc.ABC, Generic[D]):
    """Texts and pictures of a task for the user."""

    @abc.abstractmethod
    def describe_data(self, data: D) -> str:
        """A line for the console."""

    @abc.abstractmethod
    def data_metadata(self, data: D) -> dict[str, Any]:
        """Counts for `run.json`."""

    @abc.abstractmethod
    def describe_splits(self, data: D) -> list[tuple[str, str]]:
        """(label, text) lines on the content of each split."""

    def data_notes(self, data: D) -> Sequence[tuple[str, str]]:
        """(label, text) lines on what was found in the loaded dataset; empty if there is nothing to say."""
        return []

    def preparation_report(self) -> list[tuple[str, str]]:
        """(label, text) lines on how the dataset was split here; empty if it was not."""
        return []

    @abc.abstractmethod
    def describe_metrics(self, metrics: dict[str, float]) -> str:
        """The most important metrics in a line."""

    @abc.abstractmethod
    def draw_samples(self, data: D, path: Path, count: int) -> None:
        """Writes a picture of so many samples of both splits with their labels."""

    @abc.abstractmethod
    def pictures(self, data: D, count: int) -> "Pictures":
        """Draws `count` validation examples during training."""


class Pictures(abc.ABC):
    """The same validation examples, drawn after evaluations."""

    caption: ClassVar[str]
    """Description of the pictures for TensorBoard."""

    @abc.abstractmethod
    def draw(self, model: "tf.keras.Model") -> Any:
        """Applies the model to the examples.

        Returns:
          uint8 [N, H, W, C], C = 1 or 3: the pictures, for TensorBoard and `save`.
        """

    @abc.abstractmethod
    def save(self, drawn: Any, path: Path) -> None:
        """Writes what `draw` returned as one sheet."""
