"""tf-models' Orbit loop with what a person at a terminal expects: stops at once, keeps the best, resumes."""

import dataclasses
import logging
import math
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orbit
import tensorflow as tf
from official.core import base_trainer, config_definitions, train_lib

from engine.cluster import any_rank
from engine.run_folder import RunFolder
from models.best_weights import remove_other_weights
from models.tensorflow_paths import tensorflow_path

Metrics = dict[str, float]


class Interrupted(Exception):
    """SIGTERM or Ctrl-C arrived; the message is the signal's name."""


class Diverged(Exception):
    """The training loss is no longer a number; the message is the step."""


@dataclasses.dataclass(frozen=True)
class Goal:
    """Which validation metric to improve, and when to give up.

    Attributes:
      metric: name of a validation metric.
      higher_is_better: which way it improves.
      patience: evaluations without improvement before training stops; 0 for never.
    """

    metric: str
    higher_is_better: bool
    patience: int = 0

    def best(self, history: list[Metrics]) -> Metrics | None:
        """The evaluation with the best metric, the earliest of equals; those that are not numbers do not count."""
        numbers = [entry for entry in history if not math.isnan(entry[self.metric])]
        sign = 1 if self.higher_is_better else -1
        return max(numbers, key=lambda entry: sign * entry[self.metric], default=None)

    def hopeless(self, history: list[Metrics]) -> bool:
        """Whether the last `patience` evaluations brought nothing better than what was before."""
        best = self.best(history)
        if not self.patience or best is None:
            return False
        return len(history) - 1 - history.index(best) >= self.patience


class StepwiseTrainer(base_trainer.Trainer):
    """tf-models' trainer, except that control comes back after every step.

    The stock trainer runs `steps_per_loop` steps inside one graph: a signal would wait for them, minutes on a slow
    network. A step called from Python costs a fraction of a millisecond more.

    Attributes:
      on_step: called after every step.
    """

    on_step: Callable[[], None] = staticmethod(lambda: None)

    def create_train_loop_fn(self) -> Callable[[Any, tf.Tensor], None]:
        """The inner loop of Orbit's `StandardTrainer`."""
        steps: dict[int, Callable[[], None]] = {}

        def loop(iterator: Any, num_steps: tf.Tensor) -> None:
            if id(iterator) not in steps:  # captured: to look at an argument takes TensorFlow a millisecond a call
                steps[id(iterator)] = tf.function(lambda: self.train_step(iterator))
            step = steps[id(iterator)]
            for _ in range(int(num_steps)):
                step()
                self.on_step()

        return loop


class ExperimentRunner(train_lib.OrbitExperimentRunner):
    """tf-models' runner, except that every rank keeps its checkpoints where it is told.

    The stock runner gives ranks other than the first a new folder, from which they could not resume.
    """

    def _maybe_build_checkpoint_manager(self) -> tf.train.CheckpointManager:
        return tf.train.CheckpointManager(
            self.trainer.checkpoint,
            directory=self.model_dir,
            max_to_keep=self.params.trainer.max_to_keep,
            step_counter=self.trainer.global_step,
            checkpoint_interval=self.params.trainer.checkpoint_interval,
            init_fn=self.trainer.initialize,
        )


class TrainingLoop:
    """Trains to the last step, evaluating on the way.

    Args:
      run: the folder; `run.json` gets `history`, one entry an evaluation: step, seconds of training so far, metrics.
      task: the tf-models task.
      params: tf-models' experiment config.
      strategy: where it runs.
      goal: picks the best checkpoint.
      checkpoint_interval: steps between two checkpoints; Orbit's own clock would count from wherever a resume began.
      on_progress: called after every step with (step, latest loss or None, examples a second).
      on_evaluation: called after every evaluation with (its history entry, whether it is the best yet).
      is_beaten: asked with the history after an evaluation: whether the run ends as "pruned"; any rank's yes counts.
      profile_steps: first and last step of a profile for TensorBoard; empty for none.
    """

    def __init__(
        self,
        run: RunFolder,
        task: Any,
        params: config_definitions.ExperimentConfig,
        strategy: tf.distribute.Strategy,
        goal: Goal,
        checkpoint_interval: int,
        on_progress: Callable[[int, float | None, float], None],
        on_evaluation: Callable[[Metrics, bool], None],
        is_beaten: Callable[[list[Metrics]], bool] = lambda history: False,
        profile_steps: Sequence[int] = (),
    ) -> None:
        self._is_beaten, self._profile_steps, self._profiling = is_beaten, profile_steps, False
        self._run, self._params, self._goal = run, params, goal
        self._checkpoint_interval = checkpoint_interval
        self._on_progress, self._on_evaluation = on_progress, on_evaluation
        with strategy.scope():
            model = task.build_model()
            optimizer = task.create_optimizer(params.trainer.optimizer_config, params.runtime)
            self._trainer = StepwiseTrainer(params, task, model, optimizer)
        self._trainer.on_step = self._after_step
        orbit.controller._log = logging.getLogger("orbit").info  # it prints as well as logs, and the console is ours
        run.checkpoints.mkdir(parents=True, exist_ok=True)
        runner = ExperimentRunner(
            strategy,
            task,
            "train_and_eval",
            params,
            tensorflow_path(run.checkpoints),
            trainer=self._trainer,
            train_actions=[self._after_loop],
            summary_manager=_summaries(run.path / "train"),
            eval_summary_manager=_summaries(run.path / "validation"),
        )
        self._controller = runner.controller
        self._signal: str | None = None
        self._step = 0
        self._loss: float | None = None
        self._examples_per_second = _Rate(params.task.train_data.global_batch_size)

    @property
    def batches(self) -> dict[str, Any]:
        """What each replica gets a step: `element_spec` of the datasets that it trains on and is judged by."""
        return {"train": self._trainer.train_dataset.element_spec, "eval": self._trainer.eval_dataset.element_spec}

    @property
    def model(self) -> tf.keras.Model:
        """The network in training."""
        return self._trainer.model

    @property
    def step(self) -> int:
        """Steps done, those of earlier processes included."""
        return int(self._trainer.global_step.numpy())

    def run(self) -> str:
        """Trains until the last step, a signal, or hopelessness.

        Returns:
          "done", "stopped early" or "pruned".

        Raises:
          Interrupted: a signal came; a checkpoint of the current step is written.
          Diverged: the loss is not a number; the checkpoints are from before.
        """
        settings = self._params.trainer
        self._history = [entry for entry in self._run.history if entry["step"] <= self.step]
        self._seconds_before = self._run.facts.get("train_seconds", 0.0) if self.step else 0.0
        self._step = self.step
        with _signals(self._remember_signal):
            try:
                due = self.step % settings.validation_interval == 0 or self.step == settings.train_steps
                if self.step and due and not self._evaluated():
                    self._evaluate()  # the process was killed between a checkpoint and its evaluation
                while self.step < settings.train_steps:
                    if self._goal.hopeless(self._history):
                        return "stopped early"
                    if self._evaluated() and any_rank(self._is_beaten(self._history)):
                        return "pruned"
                    self._controller.train(self._next_stop(), checkpoint_at_completion=False)
                    if self.step % self._checkpoint_interval == 0 or self.step == settings.train_steps:
                        self._controller.save_checkpoint()
                    if self.step % settings.validation_interval == 0 or self.step == settings.train_steps:
                        self._evaluate()
            except Interrupted:
                self._controller.save_checkpoint()
                raise
        return "done"

    def _next_stop(self) -> int:
        """The step of the next checkpoint or evaluation: a multiple of its interval, also after a resume in between."""
        settings = self._params.trainer
        intervals = (self._checkpoint_interval, settings.validation_interval)
        return min(settings.train_steps, *((self.step // interval + 1) * interval for interval in intervals))

    def _evaluated(self) -> bool:
        return any(entry["step"] == self.step for entry in self._history)

    def _evaluate(self) -> None:
        self._examples_per_second.pause()
        output = self._controller.evaluate(steps=-1)
        entry = {"step": self.step, "seconds": round(self._train_seconds(), 1)}
        entry |= {name: float(value) for name, value in output.items() if name != "steps_per_second"}
        entry.setdefault(self._goal.metric, math.nan)  # of a class that the validation side has no object of
        self._history.append(entry)
        is_best = self._goal.best(self._history) is entry
        if is_best:
            self._save_best()
        self._run.update(history=self._history)
        self._on_evaluation(entry, is_best)

    def _save_best(self) -> None:
        folder = self._run.best_checkpoint
        folder.mkdir(parents=True, exist_ok=True)
        tf.train.Checkpoint(model=self.model).write(tensorflow_path(folder / f"step-{self.step}"))
        remove_other_weights(folder, self.step)

    def _after_step(self) -> None:
        self._examples_per_second.step()
        self._step += 1  # to ask the variable takes half a millisecond
        if self._profile_steps:
            self._profile()
        self._on_progress(self._step, self._loss, self._examples_per_second.value)
        if any_rank(self._signal is not None):
            raise Interrupted(self._signal or "another rank")

    def _profile(self) -> None:
        """Traces the steps from the first of `profile_steps` to the last; a run that resumes in between does not."""
        first, last = self._profile_steps
        if self._step == first - 1:
            tf.profiler.experimental.start(tensorflow_path(self._run.path / "train"))
            self._profiling = True
        elif self._step == last and self._profiling:
            tf.profiler.experimental.stop()
            self._profiling = False

    def _after_loop(self, output: dict[str, Any]) -> None:
        self._loss = float(output["training_loss"])
        output["examples_per_second"] = self._examples_per_second.value
        self._run.update(
            train_seconds=round(self._train_seconds(), 1), examples_per_second=round(self._examples_per_second.mean, 1)
        )
        if not math.isfinite(self._loss):
            raise Diverged(self.step)

    def _train_seconds(self) -> float:
        return self._seconds_before + self._examples_per_second.seconds

    def _remember_signal(self, name: str) -> None:
        self._signal = name


def _summaries(folder: Path) -> orbit.utils.SummaryManager:
    return orbit.utils.SummaryManager(tensorflow_path(folder), tf.summary.scalar)


class _Rate:
    """Examples a second: of the latest steps and of all, evaluations left out."""

    def __init__(self, examples_per_step: int) -> None:
        self._examples = examples_per_step
        self._last: float | None = None
        self._steps = 0
        self.seconds = 0.0
        self.value = 0.0

    def step(self) -> None:
        now = time.perf_counter()
        if self._last is not None:
            seconds = now - self._last
            self.seconds += seconds
            self._steps += 1
            rate = self._examples / seconds
            self.value = rate if self._steps <= 3 else 0.95 * self.value + 0.05 * rate
        self._last = now

    def pause(self) -> None:
        self._last = None

    @property
    def mean(self) -> float:
        return self._steps * self._examples / self.seconds if self.seconds else 0.0


@contextmanager
def _signals(remember: Callable[[str], None]) -> Iterator[None]:
    """Turns the first SIGTERM or SIGINT into a note for the loop; a second Ctrl-C interrupts at once."""

    def handle(number: int, frame: Any) -> None:
        remember(signal.Signals(number).name)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
