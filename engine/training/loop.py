"""tf-models' Orbit loop, which also stops between steps, resumes and calls callbacks."""

import logging
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orbit
import tensorflow as tf
from hydra_plugins.mpi_launcher.signals import noted_signals
from official.core import config_definitions

from engine.hardware.cluster import any_rank
from engine.runs.run_folder import RunFolder
from engine.training.callback import Callback
from engine.training.endings import Diverged, Interrupted
from engine.training.goal import Goal
from engine.training.rate import Rate
from engine.training.state import TrainingState
from engine.training.tf_models import create_variables, ExperimentRunner, StepwiseTrainer
from models.tensorflow_paths import tensorflow_path

TRAINING_TAGS = {
    "training_loss": "training/loss",
    "learning_rate": "training/learning_rate",
    "examples_per_second": "speed/examples_per_second",
    "steps_per_second": "speed/steps_per_second",
}
"""TensorBoard tags for names of tf-models and Orbit; other names keep theirs, under `training/`."""

_TIMED_BATCHES = 4


class TrainingLoop:
    """Trains to the last step, evaluating on the way.

    Args:
      run: the folder.
      task: the tf-models task.
      params: tf-models' experiment config.
      strategy: where it runs.
      goal: decides which evaluation is the best.
      checkpoint_interval: steps between two checkpoints; Orbit would count from the step of the last resume.
      callbacks: called in their order.

    Attributes:
      state: the current state of the training.
    """

    def __init__(
        self,
        run: RunFolder,
        task: Any,
        params: config_definitions.ExperimentConfig,
        strategy: tf.distribute.Strategy,
        goal: Goal,
        checkpoint_interval: int,
        callbacks: Sequence[Callback],
    ) -> None:
        self._params, self._callbacks = params.trainer, callbacks
        self._checkpoint_interval = checkpoint_interval
        with strategy.scope():
            model = task.build_model()
            optimizer = task.create_optimizer(params.trainer.optimizer_config, params.runtime)
            create_variables(optimizer, model.trainable_variables)
            self._trainer = StepwiseTrainer(params, task, model, optimizer)
        self._trainer.on_step = self._after_step
        orbit.controller._log = logging.getLogger("orbit").info  # it would also print
        run.checkpoints.mkdir(parents=True, exist_ok=True)
        runner = ExperimentRunner(
            strategy,
            task,
            "train_and_eval",
            params,
            tensorflow_path(run.checkpoints),
            trainer=self._trainer,
            train_actions=[self._after_loop],
            summary_manager=_summaries(run.path / "train", "training", TRAINING_TAGS),
            eval_summary_manager=_summaries(run.path / "validation", "metrics", {}),
        )
        self._controller = runner.controller
        self._signal: str | None = None
        self._rate = Rate(params.task.train_data.global_batch_size)
        self._evaluation_batch = params.task.validation_data.global_batch_size
        self._seconds_before = 0.0
        self.state = TrainingState(run, self._trainer.model, goal, params.trainer.train_steps)

    @property
    def batches(self) -> dict[str, Any]:
        """The batch of each replica: `element_spec` of the datasets of training and validation."""
        return {"train": self._trainer.train_dataset.element_spec, "eval": self._trainer.eval_dataset.element_spec}

    def run(self) -> str:
        """Trains until the last step, a signal, or a callback's stop.

        Returns:
          "done", or why a callback stopped it.

        Raises:
          Interrupted: a signal came; a checkpoint of the current step is written.
          Diverged: the loss is not a number; the checkpoints are from before.
        """
        state = self.state
        error: BaseException | None = None
        state.step = self._global_step()
        state.history = [entry for entry in state.run.history if entry["step"] <= state.step]
        self._seconds_before = state.run.metadata.get("train_seconds", 0.0) if state.step else 0.0
        with noted_signals(self._note_signal, interrupt_again=True):
            try:
                for callback in self._callbacks:
                    callback.on_start(state)
                state.outcome = self._train()
                return state.outcome
            except Interrupted as interruption:
                error = interruption
                self._controller.save_checkpoint()
                raise
            except BaseException as failure:
                error = failure
                raise
            finally:
                for callback in self._callbacks:
                    callback.on_end(state, error)

    def seconds_of_evaluation(self, examples: int) -> float:
        """Estimates the time of an evaluation on a number of examples by timing a few batches after compilation."""
        batches = math.ceil(examples / self._evaluation_batch)
        timed = min(batches, _TIMED_BATCHES)
        self._controller.evaluate(steps=1)
        started = time.perf_counter()
        self._controller.evaluate(steps=timed)
        return (time.perf_counter() - started) * batches / timed

    def _train(self) -> str:
        state, total = self.state, self._params.train_steps
        if state.step and self._is_due(self._params.validation_interval) and not state.evaluated:
            self._evaluate()  # the process was killed between a checkpoint and its evaluation
        while state.step < total:
            if reason := self._stop_reason():
                if not self._is_due(self._checkpoint_interval):
                    self._controller.save_checkpoint()
                return reason
            self._controller.train(self._next_stop(), checkpoint_at_completion=False)
            if self._is_due(self._checkpoint_interval):
                self._controller.save_checkpoint()
            if self._is_due(self._params.validation_interval):
                self._evaluate()
        return "done"

    def _is_due(self, interval: int) -> bool:
        return self.state.step % interval == 0 or self.state.step == self._params.train_steps

    def _next_stop(self) -> int:
        """The step of the next checkpoint or evaluation: a multiple of its interval, also after a resume in between."""
        intervals = (self._checkpoint_interval, self._params.validation_interval)
        return min(self._params.train_steps, *((self.state.step // each + 1) * each for each in intervals))

    def _stop_reason(self) -> str:
        """Why a callback stops the training; every rank asks the same callbacks, and one answer stops all ranks."""
        for callback in self._callbacks:
            reason = callback.should_stop(self.state)
            if any_rank(bool(reason)):
                return reason or "stopped"
        return ""

    def _evaluate(self) -> None:
        state = self.state
        self._rate.pause()
        output = self._controller.evaluate(steps=-1)
        entry = {"step": state.step, "seconds": round(self._train_seconds(), 1)}
        entry |= {name: float(value) for name, value in output.items() if name != "steps_per_second"}
        entry.setdefault(state.goal.metric, math.nan)  # of a class that the validation split has no object of
        state.history.append(entry)
        state.is_best = state.goal.best(state.history) is entry
        for callback in self._callbacks:
            callback.on_evaluation(state)

    def _after_step(self) -> None:
        state = self.state
        self._rate.step()
        state.step += 1  # reading the variable takes half a millisecond
        state.examples_per_second = self._rate.value
        for callback in self._callbacks:
            callback.on_step(state)
        if any_rank(self._signal is not None):
            raise Interrupted(self._signal or "another rank")

    def _after_loop(self, output: dict[str, Any]) -> None:
        state = self.state
        state.loss = float(output["training_loss"])
        output["examples_per_second"] = self._rate.value
        state.mean_examples_per_second, state.train_seconds = self._rate.mean, self._train_seconds()
        for callback in self._callbacks:
            callback.on_log(state)
        if not math.isfinite(state.loss):
            raise Diverged(state.step)

    def _global_step(self) -> int:
        return int(self._trainer.global_step.numpy())

    def _train_seconds(self) -> float:
        return self._seconds_before + self._rate.seconds

    def _note_signal(self, name: str) -> None:
        self._signal = name


def _summaries(folder: Path, group: str, tags: dict[str, str]) -> orbit.utils.SummaryManager:
    """Writes scalars with grouped tags to a folder for TensorBoard."""

    def write(name: str, value: Any, step: Any = None) -> None:
        tf.summary.scalar(tags.get(name, f"{group}/{name}"), value, step=step)

    return orbit.utils.SummaryManager(tensorflow_path(folder), write)
