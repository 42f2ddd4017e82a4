"""The interface of callbacks, which record evaluations, draw pictures or stop a training."""

from engine.training.state import TrainingState


class Callback:
    """Called at fixed points of a training. Every rank calls its callbacks in the same order.

    A new feature of the training is a new callback (`engine.training.callbacks`), named in `engine.training.session`.
    """

    def on_start(self, state: TrainingState) -> None:
        """Before the first step."""

    def on_step(self, state: TrainingState) -> None:
        """After every step; must take only microseconds."""

    def on_log(self, state: TrainingState) -> None:
        """After every `trainer.steps_per_loop` steps, when the loss is known."""

    def on_evaluation(self, state: TrainingState) -> None:
        """After every evaluation, the last entry of `state.history`."""

    def should_stop(self, state: TrainingState) -> str:
        """Why the training ends here, such as `stopped early`; empty to go on. Any rank's answer counts for all."""
        return ""

    def on_end(self, state: TrainingState, error: BaseException | None) -> None:
        """After the last step, or when an error ends the training."""
