"""The weights of the best evaluation."""

import tensorflow as tf

from engine.training.callback import Callback
from engine.training.state import TrainingState


class BestCheckpoint(Callback):
    """Keeps the weights of the best evaluation so far in `checkpoints/best`."""

    def on_evaluation(self, state: TrainingState) -> None:
        if not state.is_best:
            return
        folder = state.run.best_checkpoint
        prefix = tf.train.Checkpoint(model=state.model).write(str(folder / f"step-{state.step}"))
        for file in folder.glob("step-*"):
            if not str(file).startswith(f"{prefix}."):
                file.unlink()
