"""`hydra.sweeper.pruner`: reports every evaluation of a trial to the study of its sweep, which may prune the trial."""

from hydra_plugins.mpi_launcher.reports import given_up, report

from engine.training.callback import Callback
from engine.training.state import TrainingState


class ReportToStudy(Callback):
    """Reports the metric, and ends a pruned trial. Without a study it does nothing.

    The step of a report is the number of the evaluation, from 1: a pruner counts its rungs and its first steps in
    evaluations.

    Args:
      reports: whether this process reports for the trial: rank 0 does, if the trial is a single training.
    """

    def __init__(self, reports: bool) -> None:
        self._reports, self._is_given_up = reports, False

    def on_evaluation(self, state: TrainingState) -> None:
        if self._reports:
            value = state.history[-1][state.goal.metric]
            self._is_given_up = report(len(state.history), value, last=state.step >= state.total_steps)

    def should_stop(self, state: TrainingState) -> str:
        return "pruned" if self._reports and (self._is_given_up or given_up()) else ""
