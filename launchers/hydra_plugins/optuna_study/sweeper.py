"""The sweeper: hydra-optuna-sweeper's own, which keeps its study beside its trials and goes on with it.

Hydra imports this file at the start of every program, so it imports nothing that only a sweep needs.
"""

from typing import Any

from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class StudySweeper(Sweeper):
    """See the package.

    Args:
      **options: those of `hydra/sweeper=optuna`.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._study: Any = None

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Takes what Hydra hands over."""
        from hydra_plugins.optuna_study._study import StoredStudySweeper

        self._study = StoredStudySweeper(**self._options)
        self._study.setup(hydra_context=hydra_context, task_function=task_function, config=config)

    def sweep(self, arguments: list[str]) -> Any:
        """Runs the trials that the study still lacks."""
        return self._study.sweep(arguments)
