"""`hydra.sweeper.pruner`: the pruner of a study."""

from collections.abc import Mapping
from typing import Any

from hydra.utils import get_class
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.optuna_study._making import made

_BY_NAME: dict[str, dict[str, Any]] = {
    "median": {"_target_": "optuna.pruners.MedianPruner"},
    "percentile": {"_target_": "optuna.pruners.PercentilePruner", "percentile": 25.0},
    "successive_halving": {"_target_": "optuna.pruners.SuccessiveHalvingPruner"},
    "hyperband": {"_target_": "optuna.pruners.HyperbandPruner"},
    "patient": {"_target_": "optuna.pruners.PatientPruner", "wrapped_pruner": None, "patience": 3},
    "wilcoxon": {"_target_": "optuna.pruners.WilcoxonPruner"},
}
"""Pruners that a name stands for, with arguments where Optuna has no default."""


def pruner_from(value: Any, objectives: int) -> Any:
    """The pruner that the option describes; without one, a pruner that prunes no trial.

    Args:
      value: of the option.
      objectives: of the study.

    Raises:
      LaunchError: it is none, or the study has several objectives, for which Optuna has none.
    """
    from optuna.pruners import BasePruner, NopPruner

    if value is None:
        return NopPruner()
    if objectives > 1:
        raise LaunchError("hydra.sweeper.pruner: pruners compare one objective; leave it out where there are several")
    if isinstance(value, BasePruner):
        return value
    described = _BY_NAME.get(value) if isinstance(value, str) else value
    if not isinstance(described, Mapping):
        raise LaunchError(
            f"hydra.sweeper.pruner: {value} is none of {', '.join(_BY_NAME)}, nor any of optuna.pruners by its _target_"
        )
    if "_target_" not in described:
        raise LaunchError(f"hydra.sweeper.pruner: {value} names no class; add  _target_: optuna.pruners.MedianPruner")
    target = str(described["_target_"])
    try:
        is_pruner = issubclass(get_class(target), BasePruner)
    except Exception:  # Hydra raises several kinds
        is_pruner = False
    if not is_pruner:
        raise LaunchError(f"hydra.sweeper.pruner: {target} is neither a pruner of Optuna nor a subclass of one")
    return made("pruner", described)
