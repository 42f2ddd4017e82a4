"""The check of every trial of a sweep before the first one starts: `hydra.launcher.check`."""

from typing import Any

from omegaconf import DictConfig, OmegaConf

from data.errors import UserError
from engine.cli.callbacks import validate_callbacks
from engine.config import Config
from engine.hardware.survey import require_once
from engine.validation import accept_config


def check_trial(composed: DictConfig) -> None:
    """Accepts the config of a trial, and checks its callbacks, the direction of its ranking and its hardware.

    A dry run starts nothing, so its hardware is not checked.

    Args:
      composed: with its `hydra` node.

    Raises:
      UserError: see `accept_config`, `validate_callbacks` and `require`; or the launcher or the sweeper looks for
        another direction than that of the metric; or the sweeper would prune trials of several trainings.
    """
    from hydra_plugins.mpi_launcher.directions import direction_of_sweeper

    config, hydra = accept_config(composed), composed.hydra
    validate_callbacks(hydra)
    sweep_dir = OmegaConf.select(hydra, "sweep.dir", default="sweep")
    if str(sweep_dir) in ("", "."):  # of a variable that is not set; the launcher takes it for `.`
        raise UserError("hydra.sweep.dir", "is empty, or the current folder", ("name a folder",))
    if config.mode != "train":
        return
    _check_direction(config, "hydra.launcher.better", hydra.launcher.get("better"))
    _check_direction(config, "hydra.sweeper.direction", direction_of_sweeper(hydra.sweeper))
    if config.trainer.repeats > 1 and hydra.sweeper.get("pruner"):
        raise UserError("hydra.sweeper.pruner", "a config with trainer.repeats is not pruned; use one of the two")
    if config.hardware.has_cards and not hydra.launcher.get("dry_run"):  # a dry run plans for other machines
        require_once(config.hardware, hydra.launcher)


def _check_direction(config: Config, key: str, better: Any) -> None:
    task = config.task
    if better in ("higher", "lower") and better != task.better:
        raise UserError(
            key,
            f"{better} contradicts task.metric={task.metric}, of which {task.better} values are better; leave it out",
        )
