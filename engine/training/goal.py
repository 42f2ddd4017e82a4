"""The choice of the best evaluation."""

import dataclasses
import math

from engine.config import Config

Metrics = dict[str, float]
"""One evaluation: `step`, `seconds` of training so far, and the validation metrics by name."""


@dataclasses.dataclass(frozen=True)
class Goal:
    """The validation metric to improve.

    Attributes:
      metric: its name.
      higher_is_better: which way it improves.
    """

    metric: str
    higher_is_better: bool

    @classmethod
    def of(cls, config: Config) -> "Goal":
        """The goal of a config's task."""
        return cls(config.task.metric, config.task.better == "higher")

    def best(self, history: list[Metrics]) -> Metrics | None:
        """The evaluation with the best metric, the earliest of equals; those that are not numbers do not count."""
        return next(iter(self.ranked(history)), None)

    def ranked(self, history: list[Metrics]) -> list[Metrics]:
        """The evaluations by the metric, the best first, the earlier of equals; those without a number are left out."""
        numbers = [entry for entry in history if not math.isnan(entry.get(self.metric, math.nan))]
        sign = -1 if self.higher_is_better else 1
        return sorted(numbers, key=lambda entry: sign * entry[self.metric])
