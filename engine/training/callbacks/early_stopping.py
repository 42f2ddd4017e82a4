"""`trainer.early_stopping`: ends a training that no longer improves."""

from engine.training.callback import Callback
from engine.training.state import TrainingState


class EarlyStopping(Callback):
    """Stops after evaluations without improvement.

    Args:
      patience: how many; 0: never.
    """

    def __init__(self, patience: int) -> None:
        self._patience = patience

    def should_stop(self, state: TrainingState) -> str:
        best = state.goal.best(state.history)
        if not self._patience or best is None:
            return ""
        since = len(state.history) - 1 - state.history.index(best)
        return "stopped early" if since >= self._patience else ""
