"""Composes configs as a command line does."""

import copy
import dataclasses
import functools
from typing import Any

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig
from programs import REPOSITORY

from data.datasets.dataset import Dataset
from engine.config import Config
from engine.resolvers import register_resolvers
from engine.runs import run_settings
from engine.validation import accept_config

register_resolvers()
run_settings.register()


def composed(*overrides: str) -> DictConfig:
    return copy.deepcopy(_composed(*overrides))


@functools.cache
def _composed(*overrides: str) -> DictConfig:
    with initialize_config_dir(str(REPOSITORY / "conf"), version_base="1.3"):
        return compose("config", list(overrides))


def accepted(*overrides: str) -> Config:
    """The objects of a composed config."""
    return accept_config(composed(*overrides))


def dataset(task: str, name: str, **changes: Any) -> Dataset:
    """A dataset of a task with the values in conf/, except for some keys."""
    return dataclasses.replace(accepted(f"task={task}", f"dataset={name}").dataset, **changes)
