"""The state of a training, as callbacks see it."""

import dataclasses
from typing import TYPE_CHECKING

from engine.runs.run_folder import RunFolder
from engine.training.goal import Goal, Metrics

if TYPE_CHECKING:
    import tensorflow as tf


@dataclasses.dataclass
class TrainingState:
    """The current state of a training.

    Attributes:
      run: its folder.
      model: the network in training.
      goal: decides which evaluation is the best.
      total_steps: of the whole run.
      step: steps done, those of earlier processes included.
      loss: the latest known training loss; None before the first.
      examples_per_second: of the latest steps.
      mean_examples_per_second: of all steps of this process, evaluations left out.
      train_seconds: of training so far, evaluations left out, those of earlier processes included.
      history: every evaluation so far.
      is_best: whether the latest evaluation is the best one.
      outcome: how the training ended: `done` or why a callback stopped it; empty before.
    """

    run: RunFolder
    model: "tf.keras.Model"
    goal: Goal
    total_steps: int
    step: int = 0
    loss: float | None = None
    examples_per_second: float = 0.0
    mean_examples_per_second: float = 0.0
    train_seconds: float = 0.0
    history: list[Metrics] = dataclasses.field(default_factory=list)
    is_best: bool = False
    outcome: str = ""

    @property
    def evaluated(self) -> bool:
        """Whether the current model has been evaluated."""
        return any(entry["step"] == self.step for entry in self.history)
