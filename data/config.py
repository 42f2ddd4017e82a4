"""Typed schemas of the dataset group. Values and their comments stand in `conf/dataset/*.yaml`, limits stand here."""

import dataclasses

from data.knob import knob

MODEL_SIZE = 224
"""Height and width in pixels of the cleaner's input and output (SignVer's contract)."""


@dataclasses.dataclass
class CedarConfig:
    """Real signatures in CEDAR's Kaggle layout (`data.cedar`)."""

    name: str = knob(choices=("cedar",))
    root: str = knob()
    held_out_writers: list[int] = knob(low=1)
    forgeries: bool = knob()
    synthetic_writers: int = knob(low=0, high=100_000)
    seed: int = knob(low=0, high=2**31 - 1)
    variants: int = knob(low=1, high=256)
    noise_layers: int = knob(low=1, high=65536)
    validation_repeats: int = knob(low=1, high=64)
    max_bad_fraction: float = knob(low=0.0, high=1.0)
    cache_dir: str = knob()


@dataclasses.dataclass
class SyntheticConfig:
    """Signatures drawn by a handwriting model (`data.synthetic_signatures`)."""

    name: str = knob(choices=("synthetic",))
    writers: int = knob(low=1, high=100_000)
    held_out_writers: int = knob(low=1, high=100_000)
    samples_per_writer: int = knob(low=1, high=1000)
    seed: int = knob(low=0, high=2**31 - 1)
    variants: int = knob(low=1, high=256)
    noise_layers: int = knob(low=1, high=65536)
    validation_repeats: int = knob(low=1, high=64)
    max_bad_fraction: float = knob(low=0.0, high=1.0)
    cache_dir: str = knob()


@dataclasses.dataclass
class SignverodConfig:
    """Pages with boxes, as TFRecord shards (`task=detector`)."""

    name: str = knob(choices=("signverod",))
    root: str = knob()
    max_bad_fraction: float = knob(low=0.0, high=1.0)
    cache_dir: str = knob()
