"""`trainer.minutes`: lowers the number of steps to what this machine trains in a time, by timing a few of them."""

import dataclasses
import gc
import math
import tempfile
import time
from pathlib import Path
from typing import Any

import tensorflow as tf
from omegaconf import OmegaConf

from engine.config import Config
from engine.console import Console
from engine.hardware import cluster
from engine.overrides import Overrides
from engine.runs.run_folder import repeating, RunFolder
from engine.training.callback import Callback
from engine.training.session import build_loop
from engine.training.state import TrainingState
from models.task import Data

_MEASURED_SECONDS, _MEASURED_SHARE, _MEASURED_STEPS = 20.0, 0.1, 3
"""Longest time of the measurement, in seconds and as a share of the limit, and its fewest steps."""

_LEAST_SHARE = 0.5
"""Share of the limit that the steps get, however long the evaluations take."""

_RECORD = "steps_in_time"


def limit_steps(
    config: Config, run: RunFolder, data: Data, strategy: tf.distribute.Strategy, console: Console
) -> Config:
    """Lowers `trainer.train_steps` to what fits into `trainer.minutes`, with as many evaluations as before.

    The schedule of the learning rate follows, since it is made for the number of steps. A run that resumes keeps the
    number that it started with, unless it is given another one.

    Args:
      config: accepted.
      run: its folder, where the number is recorded.
      data: the dataset.
      strategy: of the run.
      console: of this rank.

    Returns:
      The config to train with.

    Raises:
      Interrupted, Diverged: see `TrainingLoop.run`.
    """
    trainer = config.trainer
    if not trainer.minutes:
        return config
    asked, record = trainer.train_steps, run.metadata.get(_RECORD) if run.latest_checkpoint() else None
    if record is None:
        record = {"of": asked, **_in_time(config, cluster.same_everywhere(_fitting_steps(config, data, strategy)))}
        few = "all" if record["train_steps"] == asked else f"{record['train_steps']:,} of"
        console.line("steps", f"{few} {asked:,} fit into {trainer.minutes:g} minutes")
    elif asked not in (record["of"], record["train_steps"]):
        return config
    keys: dict[str, Any] = {key: steps for key, steps in record.items() if key != "of"}
    composed: Any = OmegaConf.create(OmegaConf.to_container(config.composed, resolve=False))
    for key, steps in keys.items():
        OmegaConf.update(composed, f"trainer.{key}", steps)
    limited = dataclasses.replace(config, trainer=dataclasses.replace(trainer, **keys), composed=composed)
    if cluster.rank() == 0:
        overrides = run.metadata["overrides"]
        run.record_config(limited, overrides)
        texts = [f"trainer.{key}={value}" for key, value in {**keys, "minutes": 0}.items()]
        kept = Overrides.readable(overrides).without("trainer.minutes", *(f"trainer.{key}" for key in keys))
        run.update(**{_RECORD: record, "repeat": repeating([*kept, *texts])})
    return limited


def _in_time(config: Config, fitting: int) -> dict[str, int]:
    """Steps of the training and of its intervals, if at most so many fit."""
    trainer = config.trainer
    steps = min(trainer.train_steps, fitting)
    intervals = {key: getattr(trainer, key) for key in ("validation_interval", "checkpoint_interval")}
    share = steps / trainer.train_steps
    return {"train_steps": steps, **{key: max(1, math.ceil(share * interval)) for key, interval in intervals.items()}}


class _Enough(Exception):
    """Enough steps have been measured."""


class _Stopwatch(Callback):
    """Times steps, except the first, which compiles, and the second, whose examples are ready."""

    def __init__(self, seconds: float) -> None:
        self._limit, self._started, self._ended, self._steps = seconds, 0.0, 0.0, 0

    def on_step(self, state: TrainingState) -> None:
        self._steps += 1
        if self._steps == 2:
            self._started = time.perf_counter()
        self._ended = time.perf_counter()
        over = self._steps >= 2 + _MEASURED_STEPS and self.seconds() > self._limit
        if cluster.any_rank(over):
            raise _Enough

    def seconds(self) -> float:
        return self._ended - self._started

    def seconds_of_step(self) -> float:
        return self.seconds() / max(1, self._steps - 2)


def _fitting_steps(config: Config, data: Data, strategy: tf.distribute.Strategy) -> int:
    """Times a few steps in a scratch folder, then restores the initial state."""
    trainer, started, limit = config.trainer, time.perf_counter(), 60 * config.trainer.minutes
    stopwatch = _Stopwatch(min(_MEASURED_SECONDS, _MEASURED_SHARE * limit))
    with tempfile.TemporaryDirectory(prefix="signver-measure-") as scratch:
        loop = build_loop(config, RunFolder(Path(scratch)), data, strategy, [stopwatch])
        try:
            loop.run()
        except _Enough:
            pass
        else:
            return trainer.train_steps  # all of them took less than the time of the measurement
        step = stopwatch.seconds_of_step()
        building = time.perf_counter() - started - stopwatch.seconds()  # happens again for the real training
        evaluation = loop.seconds_of_evaluation(config.task.serving(config.model).evaluation_length(data))
    del loop
    gc.collect()
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(config.seed)
    evaluations = math.ceil(trainer.train_steps / trainer.validation_interval)
    left = limit - (time.perf_counter() - started) - building - evaluations * evaluation
    return max(1, int(max(left, _LEAST_SHARE * limit) / step))
