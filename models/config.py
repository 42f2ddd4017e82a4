"""Typed schemas of the model group. Values and their comments stand in `conf/model/*.yaml`, limits stand here."""

import dataclasses

from data.knob import knob


@dataclasses.dataclass
class OptimisationConfig:
    """What every model says about its own training: it belongs to the network, not to the trainer."""

    batch_size: int = knob(low=1, high=4096)
    optimizer: str = knob(choices=("adam", "muon"))
    learning_rate: float = knob(above=0.0, high=10.0)
    schedule: str = knob(choices=("constant", "cosine"))
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
class RetinanetConfig(OptimisationConfig):
    """The detector (`task=detector`)."""

    name: str = knob(choices=("retinanet",))
