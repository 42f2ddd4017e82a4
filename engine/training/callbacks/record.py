"""The training in `run.json`."""

from engine.training.callback import Callback
from engine.training.state import TrainingState


class Record(Callback):
    """Records every evaluation in the run's `history`, and how long and how fast it trains."""

    def on_log(self, state: TrainingState) -> None:
        state.run.update(
            train_seconds=round(state.train_seconds, 1), examples_per_second=round(state.mean_examples_per_second, 1)
        )

    def on_evaluation(self, state: TrainingState) -> None:
        state.run.update(history=state.history)
