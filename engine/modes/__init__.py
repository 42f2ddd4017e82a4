"""The modes of `mode=`, a module each. They take the accepted config and the overrides, and print to the console."""

import importlib
from collections.abc import Callable
from typing import Any

_FUNCTIONS = {
    "train": "engine.modes.train:train",
    "eval": "engine.modes.evaluate:evaluate",
    "export": "engine.modes.export:export",
    "extract": "engine.modes.extract:extract",
    "pack": "engine.modes.pack:pack",
    "predict": "engine.modes.predict:predict",
    "prepare": "engine.modes.prepare:prepare",
    "inspect": "engine.modes.inspect:inspect",
    "compare": "engine.modes.compare:compare",
    "doctor": "engine.modes.doctor:doctor",
}

USE_TENSORFLOW = ("train", "eval", "export", "predict", "extract", "pack", "prepare", "inspect")
"""Modes that can import TensorFlow."""


def mode_function(mode: str) -> Callable[..., Any]:
    """The function of a mode, called with (accepted config, overrides of the command line)."""
    module, _, name = _FUNCTIONS[mode].partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function
