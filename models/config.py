"""Typed schemas of the model group. Values and their comments stand in `conf/model/*.yaml`, limits stand here."""

import dataclasses

from data.knob import knob


@dataclasses.dataclass
class OptimisationConfig:
    """What every model says about its own training: it belongs to the network, not to the trainer."""

    batch_size: int = knob(low=1, high=4096)
    optimizer: str = knob(choices=("adam", "muon", "sgd"))
    learning_rate: float = knob(above=0.0, high=10.0)
    schedule: str = knob(choices=("constant", "cosine", "stepwise"))
    drops: list[float] = knob(above=0.0, high=1.0)
    drop_factor: float = knob(above=0.0, high=1.0)
    warmup: float = knob(low=0.0, high=1.0)
    train_steps: int = knob(low=1)
    validation_interval: int = knob(low=1)


@dataclasses.dataclass
class AutoencoderConfig(OptimisationConfig):
    """The reference cleaner (`models.autoencoder`)."""

    name: str = knob(choices=("autoencoder",))
    filters: list[int] = knob(low=1, high=4096)
    dropout: float = knob(low=0.0, high=0.95)


@dataclasses.dataclass
class UnetConfig(OptimisationConfig):
    """The project's own cleaner (`models.unet`)."""

    name: str = knob(choices=("unet",))
    filters: list[int] = knob(low=1, high=4096)
    block_size: int = knob(low=1, high=16)
    convolutions: int = knob(low=1, high=16)
    window: int = knob(low=8, high=224)
    ink_weight: float = knob(above=0.0, high=1000.0)


@dataclasses.dataclass
class DetectorConfig(OptimisationConfig):
    """What the detectors have in common (`models.retinanet`, `data.pages.anchor_targets`)."""

    input_size: list[int] = knob(low=64, high=4096)
    max_level: int = knob(low=3, high=7)
    num_scales: int = knob(low=1, high=8)
    aspect_ratios: list[float] = knob(above=0.0, high=100.0)
    anchor_size: float = knob(above=0.0, high=64.0)
    unmatched_threshold: float = knob(low=0.0, high=0.5)
    init_from: str = knob()
    init_parts: str = knob(choices=("all", "backbone"))


@dataclasses.dataclass
class RetinanetConfig(DetectorConfig):
    """tf-models' RetinaNet with ResNet-50."""

    name: str = knob(choices=("retinanet",))
    warmup_learning_rate: float = knob(low=0.0, high=10.0)
    init_checkpoint: str = knob()


@dataclasses.dataclass
class RetinanetSmallConfig(DetectorConfig):
    """The light RetinaNet (`models.retinanet_small`)."""

    name: str = knob(choices=("retinanet_small",))
    filters: list[int] = knob(low=1, high=4096)
    blocks: int = knob(low=1, high=16)
    pyramid_filters: int = knob(low=1, high=4096)
    head_convolutions: list[int] = knob(low=0, high=16)
