"""The whole config of a run as objects, and the schemas of what every run has: root, trainer, predict and so on.

Values and their comments are in `conf/`. The schemas of task, model, dataset and hardware are beside the code that they
configure; `_target_` in their files names them.
"""

import dataclasses
from collections.abc import Mapping

from omegaconf import DictConfig

from data.datasets.dataset import Dataset
from data.errors import UserError
from data.options import option, Options
from data.pages.page_classes import CLASSES
from engine.hardware.device import Hardware
from models.formats.files import FORMATS
from models.optimisation import Model
from models.task import Task

MODES = ("train", "eval", "export", "predict", "prepare", "inspect", "compare", "doctor", "extract", "pack")


@dataclasses.dataclass
class Trainer(Options):
    """The training loop (`engine.training.loop`); most names are tf-models' own."""

    train_steps: int = option(low=1)
    minutes: float = option(low=0.0)
    steps_per_loop: int = option(low=1)
    validation_interval: int = option(low=1)
    checkpoint_interval: int = option(low=1)
    max_to_keep: int = option(low=1)
    early_stopping: int = option(low=0)
    image_summaries: int = option(low=0, high=64)
    repeats: int = option(low=1, high=100)
    prune_after: int = option(low=0)
    profile_steps: list[int] = option(low=1)

    def check(self) -> None:
        steps = self.profile_steps
        if steps and not (len(steps) == 2 and 1 < steps[0] <= steps[1] <= self.train_steps):
            raise UserError(
                "trainer.profile_steps", f"{steps} is not [first, last] with 2 <= first <= last <= {self.train_steps}"
            )
        if self.repeats > 1 and self.prune_after:
            raise UserError("trainer.prune_after", "a config with repeats is not pruned; use one of the two")


@dataclasses.dataclass
class Eval(Options):
    """mode=eval: what is drawn."""

    worst: int = option(low=0, high=200)


@dataclasses.dataclass
class Predict(Options):
    """mode=predict: the input files and the output folder."""

    input: str = option()
    output: str = option()
    score: float = option(low=0.0, high=1.0)
    transparent: bool = option()


@dataclasses.dataclass
class Inspect(Options):
    """mode=inspect: the sheet of samples."""

    output: str = option()
    samples: int = option(low=1, high=200)


PARTS_OF_EXTRACTION = ("found", "cleaned", "transparent", "pages", "sheet")


@dataclasses.dataclass
class Extract(Options):
    """mode=extract: what is read, by which models, and what is written."""

    input: str = option()
    output: str = option()
    detector: str = option()
    cleaner: str = option()
    score: float = option(low=0.0, high=1.0)
    margin: float = option(low=0.0, high=5.0)
    classes: list[str] = option(choices=CLASSES)
    dpi: int = option(low=50, high=1200)
    write: list[str] = option(choices=PARTS_OF_EXTRACTION)


@dataclasses.dataclass
class Export(Options):
    """mode=export: what is written."""

    formats: list[str] = option(choices=FORMATS)

    def check(self) -> None:
        if not self.formats:
            raise UserError("export.formats", f"names no format ({' | '.join(FORMATS)})")


@dataclasses.dataclass
class Pack(Options):
    """mode=pack: the folder of the packed weights, and what the card says of them."""

    output: str = option()
    bad_at: list[str] = option()


@dataclasses.dataclass
class Root(Options):
    """The keys outside of any group."""

    mode: str = option(choices=MODES)
    seed: int = option(low=0, high=2**31 - 1)
    resume: bool = option()
    deterministic: bool = option()
    run_dir: str = option()
    export_dir: str = option()
    runs: str = option()


@dataclasses.dataclass
class Config(Root):
    """The accepted config of one run; `engine.validation.accept_config` makes it.

    Attributes:
      composed: the config as Hydra composed it, for the record and for the ranks.
    """

    task: Task = None  # type: ignore[assignment]
    model: Model = None  # type: ignore[assignment]
    dataset: Dataset = None  # type: ignore[assignment]
    hardware: Hardware = None  # type: ignore[assignment]
    trainer: Trainer = None  # type: ignore[assignment]
    eval: Eval = None  # type: ignore[assignment]
    predict: Predict = None  # type: ignore[assignment]
    inspect: Inspect = None  # type: ignore[assignment]
    export: Export = None  # type: ignore[assignment]
    extract: Extract = None  # type: ignore[assignment]
    pack: Pack = None  # type: ignore[assignment]
    composed: DictConfig = None  # type: ignore[assignment]


FIXED_GROUPS: Mapping[str, type[Options]] = {
    "trainer": Trainer,
    "eval": Eval,
    "predict": Predict,
    "inspect": Inspect,
    "export": Export,
    "extract": Extract,
    "pack": Pack,
}
"""Groups with one schema."""

OPEN_GROUPS: Mapping[str, type[Options]] = {"task": Task, "hardware": Hardware, "model": Model, "dataset": Dataset}
"""Groups in which each option has its own schema, a subclass of the one here."""
