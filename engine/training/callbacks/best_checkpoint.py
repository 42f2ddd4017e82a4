"""The weights of the best evaluation."""

import tensorflow as tf

from engine.training.callback import Callback
from engine.training.state import TrainingState
from models.best_weights import remove_other_weights
from models.tensorflow_paths import tensorflow_path


class BestCheckpoint(Callback):
    """Keeps the weights of the best evaluation so far in `checkpoints/best`."""

    def on_evaluation(self, state: TrainingState) -> None:
        if not state.is_best:
            return
        folder = state.run.best_checkpoint
        folder.mkdir(parents=True, exist_ok=True)
        tf.train.Checkpoint(model=state.model).write(tensorflow_path(folder / f"step-{state.step}"))
        remove_other_weights(folder, state.step)
