"""The Hydra sweeper: `hydra/sweeper=study`.

Hydra imports this file at the start of every program, so it imports nothing that only a sweep needs.
"""

from typing import Any

from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from hydra_plugins.optuna_study._config import register
from omegaconf import DictConfig

register()


class StudySweeper(Sweeper):
    """See the package.

    Args:
      **options: see `_config.StudySweeperConf`.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._sweep: Any = None

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Takes what Hydra hands over.

        Raises:
          LaunchError: Optuna is missing, or an option makes no sense.
        """
        from hydra_plugins.optuna_study._settings import require_optuna

        require_optuna()
        from hydra_plugins.optuna_study._sweep import StudySweep

        self._sweep = StudySweep(self._options, hydra_context, task_function, config)

    def sweep(self, arguments: list[str]) -> None:
        """Runs the trials that the study still lacks, and writes its results into the sweep's folder."""
        self._sweep.run(arguments)
