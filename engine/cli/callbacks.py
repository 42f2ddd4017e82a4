"""Checks of Hydra's callbacks."""

from omegaconf import DictConfig

from data.errors import UserError

_WRITES = "PickleJobInfoCallback"


def validate_callbacks(hydra: DictConfig) -> None:
    """Refuses a callback without a folder to write to: Hydra makes none, because the run folder writes `.hydra`.

    Args:
      hydra: the node of that name.

    Raises:
      UserError: names the callback.
    """
    for name, callback in (hydra.get("callbacks") or {}).items():
        if str(callback.get("_target_", "")).endswith(_WRITES) and hydra.get("output_subdir") is None:
            raise UserError(
                f"hydra.callbacks.{name}",
                f"{_WRITES} has no folder to write to",
                (
                    f"leave it out:  ~hydra.callbacks.{name}",
                    "or add to the recipe that names it:  hydra.output_subdir: job_info",
                ),
            )
