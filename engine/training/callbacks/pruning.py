"""`trainer.prune_after`: prunes trials of a sweep that fall behind the others."""

import math
import statistics
from pathlib import Path

from engine.runs.run_folder import read_metadata
from engine.training.callback import Callback
from engine.training.goal import Goal, Metrics
from engine.training.state import TrainingState

FEWEST_OTHERS = 2
"""Other trials that must have reached a step before their median counts."""


class MedianRule:
    """Decides whether a trial is worse than the median of the sweep's other trials at the same step.

    The median stopping rule of Vizier (Golovin and others 2017), on the best value so far. It reads the `run.json` of
    the trials beside this one, so it works across processes and hosts, and with any sweeper.

    Args:
      folder: of the trial.
      metric: compares the trials.
      higher_is_better: which way it improves.
      after: evaluations before a trial may end; 0: it never does.
    """

    def __init__(self, folder: Path, metric: str, higher_is_better: bool, after: int) -> None:
        self._folder, self._metric, self._after = folder, metric, after
        self._sign = 1 if higher_is_better else -1

    def __call__(self, history: list[Metrics]) -> bool:
        """Whether the trial is worse than the median.

        Args:
          history: its evaluations.
        """
        if not self._after or len(history) < self._after:
            return False
        step = history[-1]["step"]
        own = self._best(history, step)
        others = [best for each in self._others() if (best := self._best(each, step)) is not None]
        return own is not None and len(others) >= FEWEST_OTHERS and own < statistics.median(others)

    def _others(self) -> list[list[Metrics]]:
        """Histories of the other trials."""
        folders = (file.parent for file in self._folder.parent.glob("*/run.json"))
        return [read_metadata(folder).get("history", []) for folder in folders if folder.name != self._folder.name]

    def _best(self, history: list[Metrics], step: float) -> float | None:
        """The best value up to a step, signed so that larger is better; None if the history ends before."""
        if not history or history[-1]["step"] < step:
            return None
        values = [self._sign * entry.get(self._metric, math.nan) for entry in history if entry["step"] <= step]
        return max((value for value in values if value == value), default=None)


class Prune(Callback):
    """Prunes a trial by the median rule. Rank 0 of a trial decides for all ranks.

    Args:
      folder: of the trial; None outside of a sweep.
      goal: of the trials.
      after: evaluations before a trial may end; 0: it never does.
    """

    def __init__(self, folder: Path | None, goal: Goal, after: int) -> None:
        self._rule = MedianRule(folder or Path(), goal.metric, goal.higher_is_better, after if folder else 0)

    def should_stop(self, state: TrainingState) -> str:
        return "pruned" if state.evaluated and self._rule(state.history) else ""
