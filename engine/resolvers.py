"""Resolvers for conf/: the name of a trial, the direction of a metric."""

from omegaconf import DictConfig, OmegaConf

NUMBER = "number"
"""Stands for the number of a trial where there is none."""


def register_resolvers() -> None:
    """Registers `${trial_name:}` and `${better:}` with OmegaConf."""
    OmegaConf.register_new_resolver("trial_name", _trial_name, replace=True)
    OmegaConf.register_new_resolver("better", _better, replace=True)


def _trial_name(*, _root_: DictConfig) -> str:
    """The folder of a trial in its sweep; without a trial, as for `--cfg all --resolve`, with `NUMBER` in its name."""
    from engine.runs.trial import name_of, swept_values

    number = OmegaConf.select(_root_, "hydra.job.num", default=NUMBER)
    return name_of(number, swept_values(_root_, _root_.hydra).items())


def _better(*, _parent_: DictConfig) -> str:
    """Which values of the task's metric are better: `higher` or `lower`. Validation refuses unknown metrics."""
    from engine.tasks import direction_of

    return direction_of(str(_parent_.name), str(_parent_.metric))
