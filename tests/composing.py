"""Composed configs, as a command line makes them."""

from conftest import REPOSITORY
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from engine.resolvers import register_resolvers

register_resolvers()

SMALL_DETECTOR = (
    "task=detector",
    "dataset=synthetic",
    "model.input_size=[128,64]",
    "model.filters=[8,16,16,16,16]",
    "model.pyramid_filters=16",
    "model.batch_size=2",
)
"""A detector that is made in a second."""


def composed(*words: str) -> DictConfig:
    with initialize_config_dir(str(REPOSITORY / "conf"), version_base="1.3"):
        return compose("config", list(words))
