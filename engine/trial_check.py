"""What is looked at before the first trial of a sweep starts: `hydra.launcher.check`."""

from typing import Any

from hydra_plugins.mpi_launcher.directions import direction_of_sweeper
from omegaconf import DictConfig

from data.errors import UserError
from engine import hardware_check
from engine.validation import check_metric


def check_trial(config: DictConfig) -> None:
    """Looks at the direction in which a trial is ranked and at the hardware that it needs.

    Args:
      config: composed, with its `hydra` node.

    Raises:
      UserError: the direction of the task, the launcher or the sweeper is not the metric's; or see
        `hardware_check.require`.
    """
    if config.mode == "train":
        check_metric(config.task)
        _check_direction(config, "hydra.launcher.better", config.hydra.launcher.get("better"))
        _check_direction(config, "hydra.sweeper.direction", direction_of_sweeper(config.hydra.sweeper))
    hardware_check.check_trial(config)


def _check_direction(config: DictConfig, key: str, better: Any) -> None:
    task = config.task
    if better in ("higher", "lower") and better != task.better:
        raise UserError(
            key,
            f"{better} contradicts task.metric={task.metric}, of which {task.better} values are better; leave it out",
        )
