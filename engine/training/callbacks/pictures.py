"""Validation examples in pictures: `samples.png` of the best model so far, TensorBoard's Images over time."""

import tensorflow as tf

from engine.training.callback import Callback
from engine.training.picture_times import is_pictured
from engine.training.state import TrainingState
from models.host import HOST
from models.task import Pictures
from models.tensorflow_paths import tensorflow_path

TAG = "images/predictions"


class DrawPictures(Callback):
    """Draws the same validation examples after evaluations.

    Every rank draws, although only rank 0 keeps the pictures: reading batch normalisation's averages takes all ranks.

    Args:
      pictures: of the task; None for none.
      interval: steps between two evaluations.
    """

    def __init__(self, pictures: Pictures | None, interval: int) -> None:
        self._pictures, self._interval = pictures, interval
        self._writer: tf.summary.SummaryWriter | None = None

    def on_start(self, state: TrainingState) -> None:
        if self._pictures is not None:
            folder = tensorflow_path(state.run.path / "validation")
            self._writer = tf.summary.create_file_writer(folder, filename_suffix=".images")

    def on_evaluation(self, state: TrainingState) -> None:
        logged = is_pictured(state.step, self._interval, state.total_steps)
        if self._pictures is None or self._writer is None or not (logged or state.is_best):
            return
        with tf.device(HOST):  # a card would compile for a batch of this size
            drawn = self._pictures.draw(state.model)
            if logged:
                with self._writer.as_default():
                    caption = self._pictures.caption
                    tf.summary.image(TAG, drawn, step=state.step, max_outputs=len(drawn), description=caption)
                    self._writer.flush()
        if state.is_best:
            self._pictures.save(drawn, state.run.samples)
