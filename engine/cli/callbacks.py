"""Hydra's callbacks around a run."""

from omegaconf import DictConfig

from data.errors import UserError

_WRITES = "PickleJobInfoCallback"


def validate_callbacks(hydra: DictConfig) -> None:
    """Refuses a callback that has no folder to write to: Hydra makes none, since the run folder writes `.hydra`.

    Args:
      hydra: the node of that name.

    Raises:
      UserError: names the callback.
    """
    for name, callback in (hydra.callbacks or {}).items():
        if str(callback.get("_target_", "")).endswith(_WRITES) and hydra.output_subdir is None:
            raise UserError(
                f"hydra.callbacks.{name}",
                f"{_WRITES} has no folder to write to",
                ("hydra.output_subdir=job_info  gives it one, in the current folder or that of each trial",),
            )
