"""The progress of a training on the console."""

from engine.console import Update
from engine.training.callback import Callback
from engine.training.state import TrainingState


class ShowProgress(Callback):
    """Shows speed, loss and the latest evaluation after every step.

    Args:
      update: of the console's progress bar.
      unit: what is trained on, in the plural.
      label: what people call the metric.
    """

    def __init__(self, update: Update, unit: str, label: str) -> None:
        self._update, self._unit, self._label = update, unit, label
        self._evaluation = ""

    def on_step(self, state: TrainingState) -> None:
        loss = f"loss {state.loss:.4f}" if state.loss is not None else ""
        parts = [f"{state.examples_per_second:.0f} {self._unit}/s", loss, self._evaluation]
        self._update(state.step, " · ".join(filter(None, parts)))

    def on_evaluation(self, state: TrainingState) -> None:
        value = state.history[-1][state.goal.metric]
        self._evaluation = f"val {self._label} {value:.3f}{' ↑' if state.is_best else ''}"
