"""`trainer.profile_steps`: a trace for TensorBoard's profiler."""

from collections.abc import Sequence

import tensorflow as tf

from engine.training.callback import Callback
from engine.training.state import TrainingState
from models.tensorflow_paths import tensorflow_path


class Profile(Callback):
    """Traces the steps from the first to the last, unless the run resumes in between.

    Each step is marked with its number, so that the viewer's pages can tell the steps apart.

    Args:
      steps: first and last step; empty for none.
    """

    def __init__(self, steps: Sequence[int]) -> None:
        self._steps, self._running = steps, False
        self._mark: tf.profiler.experimental.Trace | None = None

    def on_step(self, state: TrainingState) -> None:
        if not self._steps:
            return
        first, last = self._steps
        if state.step == first - 1:
            tf.profiler.experimental.start(tensorflow_path(state.run.path / "train"))
            self._running = True
        self._end_step()
        if state.step == last:
            self._stop()
        if self._running:
            # `_r` makes it a root, as Keras does: the overview counts steps by these.
            self._mark = tf.profiler.experimental.Trace("train", step_num=state.step + 1, _r=1)
            self._mark.__enter__()

    def on_end(self, state: TrainingState, error: BaseException | None) -> None:
        """Writes an incomplete profile if the training ends before its last step."""
        self._end_step()
        self._stop()

    def _stop(self) -> None:
        if self._running:
            tf.profiler.experimental.stop()
            self._running = False

    def _end_step(self) -> None:
        if self._mark is not None:
            self._mark.__exit__(None, None, None)
            self._mark = None
