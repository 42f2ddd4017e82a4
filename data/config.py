"""Typed schemas of the dataset group. Values and their comments stand in `conf/dataset/*.yaml`, limits stand here."""

import dataclasses

from data.knob import knob

MODEL_SIZE = 224
"""Height and width in pixels of the cleaner's input and output (SignVer's contract)."""


@dataclasses.dataclass
class ScansConfig:
    """What is made of scanned signatures for training (`data.signatures.pair_pools`), and what may be bad in them."""

    synthetic_writers: int = knob(low=0, high=100_000)
    seed: int = knob(low=0, high=2**31 - 1)
    variants: int = knob(low=1, high=256)
    noise_layers: int = knob(low=1, high=65536)
    validation_repeats: int = knob(low=1, high=64)
    max_bad_fraction: float = knob(low=0.0, high=1.0)
    cache_dir: str = knob()


@dataclasses.dataclass
class CedarConfig(ScansConfig):
    """Real signatures in CEDAR's Kaggle layout (`data.signatures.cedar`)."""

    name: str = knob(choices=("cedar",))
    root: str = knob()
    download: bool = knob()
    held_out_writers: list[int] = knob(low=1)
    forgeries: bool = knob()


@dataclasses.dataclass
class SignaturesConfig(ScansConfig):
    """Signature images of one's own (`data.signatures.signature_folders`)."""

    name: str = knob(choices=("signatures",))
    root: str = knob()
    writers: str = knob(choices=("auto", "folder", "name", "file"))
    held_out: float = knob(above=0.0, high=0.9)


@dataclasses.dataclass
class PagesConfig:
    """How pages are varied in training (`data.pages.page_augmentation`), and what may be bad in them."""

    scale: list[float] = knob(above=0.0, high=10.0)
    stretch: float = knob(low=0.0, high=1.0)
    rotation: float = knob(low=0.0, high=45.0)
    thickness: float = knob(low=0.0, high=1.0)
    noise: float = knob(low=0.0, high=1.0)
    inverted: float = knob(low=0.0, high=1.0)
    max_bad_fraction: float = knob(low=0.0, high=1.0)
    cache_dir: str = knob()


@dataclasses.dataclass
class SyntheticConfig(PagesConfig):
    """Signatures drawn by a handwriting model (`data.signatures.sigma_lognormal`), or whole pages that carry them."""

    name: str = knob(choices=("synthetic",))
    writers: int = knob(low=1, high=100_000)
    held_out_writers: int = knob(low=1, high=100_000)
    samples_per_writer: int = knob(low=1, high=1000)
    seed: int = knob(low=0, high=2**31 - 1)
    variants: int = knob(low=1, high=256)
    noise_layers: int = knob(low=1, high=65536)
    validation_repeats: int = knob(low=1, high=64)
    pages: int = knob(low=1, high=1_000_000)
    held_out_pages: int = knob(low=1, high=1_000_000)


@dataclasses.dataclass
class SignverodConfig(PagesConfig):
    """Pages with boxes, as TFRecord shards (`task=detector`)."""

    name: str = knob(choices=("signverod",))
    root: str = knob()
    download: bool = knob()
    split: str = knob(choices=("shipped", "clean"))


@dataclasses.dataclass
class LabelledPagesConfig(PagesConfig):
    """Pages of one's own with COCO's or YOLO's labels (`data.labels.page_folders`)."""

    name: str = knob(choices=("pages",))
    root: str = knob()
    labels: str = knob(choices=("auto", "coco", "yolo"))
    classes: list[str] = knob()
    held_out: float = knob(above=0.0, high=0.9)
