"""What is checked of the trials of a sweep before the first of them starts: `hydra.launcher.check`."""

from typing import Any

from omegaconf import DictConfig, OmegaConf

from data.errors import UserError
from engine.config import Config
from engine.hardware.survey import require_once
from engine.validation import accept_config


def check_trial(composed: DictConfig) -> None:
    """Accepts a trial's config, looks at the direction in which it is ranked, and at the hardware that it needs.

    Args:
      composed: with its `hydra` node.

    Raises:
      UserError: see `accept_config` and `require`; or the direction of the launcher or sweeper is not the metric's.
    """
    from hydra_plugins.mpi_launcher.directions import direction_of_sweeper

    config, hydra = accept_config(composed), composed.hydra
    sweep_dir = OmegaConf.select(hydra, "sweep.dir", default="sweep")
    if str(sweep_dir) in ("", "."):  # of a variable that is not set; the launcher takes it for `.`
        raise UserError("hydra.sweep.dir", "is empty, or the folder of all that is here", ("name a folder",))
    if config.mode != "train":
        return
    _check_direction(config, "hydra.launcher.better", hydra.launcher.get("better"))
    _check_direction(config, "hydra.sweeper.direction", direction_of_sweeper(hydra.sweeper))
    if config.hardware.has_cards:
        require_once(config.hardware, hydra.launcher)


def _check_direction(config: Config, key: str, better: Any) -> None:
    task = config.task
    if better in ("higher", "lower") and better != task.better:
        raise UserError(
            key,
            f"{better} contradicts task.metric={task.metric}, of which {task.better} values are better; leave it out",
        )
