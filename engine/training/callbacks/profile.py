"""`trainer.profile_steps`: a trace for TensorBoard's profiler."""

from collections.abc import Sequence

import tensorflow as tf

from engine.training.callback import Callback
from engine.training.state import TrainingState
from models.tensorflow_paths import tensorflow_path


class Profile(Callback):
    """Traces the steps from the first to the last, unless the run resumes in between.

    Args:
      steps: first and last step; empty for none.
    """

    def __init__(self, steps: Sequence[int]) -> None:
        self._steps, self._running = steps, False

    def on_step(self, state: TrainingState) -> None:
        if not self._steps:
            return
        first, last = self._steps
        if state.step == first - 1:
            tf.profiler.experimental.start(tensorflow_path(state.run.path / "train"))
            self._running = True
        elif state.step == last and self._running:
            tf.profiler.experimental.stop()
            self._running = False
