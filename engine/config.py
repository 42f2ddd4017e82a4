"""Typed schemas of the root, task, trainer and hardware nodes, and their registration with Hydra.

Values and their comments stand in `conf/`, limits stand here and in `data.config` and `models.config`.
"""

import dataclasses
import sys
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore

from data.config import CedarConfig, LabelledPagesConfig, SignaturesConfig, SignverodConfig, SyntheticConfig
from data.knob import knob
from data.pages.page_classes import CLASSES
from models.config import AutoencoderConfig, RetinanetConfig, RetinanetSmallConfig, UnetConfig

MODES = ("train", "eval", "export", "predict", "prepare", "inspect", "compare", "doctor")

DATASETS_OF = {
    "cleaner": ("cedar", "synthetic", "signatures"),
    "detector": ("signverod", "synthetic", "pages"),
}
METRICS_OF = {
    "cleaner": ("ink_f1", "ink_precision", "ink_recall", "ssim", "psnr", "rmse", "loss"),
    "detector": ("AP", "AP50", "AP75", *(f"AP50_{name}" for name in CLASSES), "precision", "recall", "loss"),
}
MODELS_OF = {"cleaner": ("unet", "autoencoder"), "detector": ("retinanet_small", "retinanet")}


@dataclasses.dataclass
class TaskConfig:
    """What is learned, and the number that says how well."""

    name: str = knob(choices=("cleaner", "detector"))
    metric: str = knob()
    better: str = knob(choices=("higher", "lower"))


@dataclasses.dataclass
class TrainerConfig:
    """The training loop (`engine.controller`); most names are tf-models' own."""

    train_steps: int = knob(low=1)
    steps_per_loop: int = knob(low=1)
    validation_interval: int = knob(low=1)
    checkpoint_interval: int = knob(low=1)
    max_to_keep: int = knob(low=1)
    early_stopping: int = knob(low=0)
    image_summaries: int = knob(low=0, high=64)
    repeats: int = knob(low=1, high=100)
    prune_after: int = knob(low=0)
    profile_steps: list[int] = knob(low=1)


@dataclasses.dataclass
class HardwareConfig:
    """Where a run runs: ranks, device, number format."""

    name: str = knob()
    device: str = knob(choices=("cpu", "hpu", "gpu"))
    processes: int = knob(low=1, high=1024)
    devices: int = knob(low=0, high=1024)
    dtype: str = knob(choices=("auto", "float32", "bfloat16"))
    binding: str = knob()
    threads: int = knob(low=0, high=1024)


@dataclasses.dataclass
class PredictConfig:
    """mode=predict: what to use a model on and where to put what comes out."""

    input: str = knob()
    output: str = knob()
    score: float = knob(low=0.0, high=1.0)


@dataclasses.dataclass
class InspectConfig:
    """mode=inspect: the sheet of samples that is drawn."""

    output: str = knob()
    samples: int = knob(low=1, high=200)


@dataclasses.dataclass
class Config:
    """The whole config of one run."""

    mode: str = knob(choices=MODES)
    seed: int = knob(low=0, high=2**31 - 1)
    resume: bool = knob()
    deterministic: bool = knob()
    run_dir: str = knob()
    export_dir: str = knob()
    runs: str = knob()
    task: TaskConfig = dataclasses.field(default_factory=TaskConfig)
    model: Any = None
    dataset: Any = None
    trainer: TrainerConfig = dataclasses.field(default_factory=TrainerConfig)
    hardware: HardwareConfig = dataclasses.field(default_factory=HardwareConfig)
    predict: PredictConfig = dataclasses.field(default_factory=PredictConfig)
    inspect: InspectConfig = dataclasses.field(default_factory=InspectConfig)


SCHEMAS = {
    "dataset": {
        "cedar": CedarConfig,
        "synthetic": SyntheticConfig,
        "signverod": SignverodConfig,
        "pages": LabelledPagesConfig,
        "signatures": SignaturesConfig,
    },
    "model": {
        "autoencoder": AutoencoderConfig,
        "unet": UnetConfig,
        "retinanet": RetinanetConfig,
        "retinanet_small": RetinanetSmallConfig,
    },
}
"""The schema of each option of the groups whose options have different keys."""


def register() -> None:
    """Makes the schemas known to Hydra as `/schema/...`, from where the config files take them, and the launcher."""
    launchers = str(Path(__file__).resolve().parents[1] / "launchers")
    if launchers not in sys.path:
        sys.path.append(launchers)
    from engine import run_settings
    from engine.trial import register_trial_name

    register_trial_name()
    run_settings.register()
    store = ConfigStore.instance()
    store.store(group="schema", name="run", node=Config)
    for group, options in SCHEMAS.items():
        for name, schema in options.items():
            store.store(group=f"schema/{group}", name=name, node=schema)


def known_keys() -> list[str]:
    """Every key of every option, dotted, the groups themselves included."""
    keys = [field.name for field in dataclasses.fields(Config)] + ["experiment"]
    nested = {
        "task": [TaskConfig],
        "trainer": [TrainerConfig],
        "hardware": [HardwareConfig],
        "predict": [PredictConfig],
        "inspect": [InspectConfig],
    }
    for group, schemas in {**nested, **{group: list(options.values()) for group, options in SCHEMAS.items()}}.items():
        keys += {f"{group}.{field.name}" for schema in schemas for field in dataclasses.fields(schema)}
    return sorted(set(keys))
