"""What is checked of the trials of a sweep before the first of them starts."""

from omegaconf import DictConfig

from engine.hardware.survey import require_once
from engine.validation import accept_config


def check_trial(composed: DictConfig) -> None:
    """Accepts a trial's config, and makes sure that this machine can train on its hardware.

    Args:
      composed: with its `hydra` node.

    Raises:
      UserError: see `accept_config` and `require`.
    """
    config = accept_config(composed)
    if config.mode == "train" and config.hardware.has_cards:
        require_once(config.hardware, composed.hydra.launcher)
