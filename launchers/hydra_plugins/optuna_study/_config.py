"""The sweeper's options, as `hydra.sweeper.*` on the command line or in a config."""

import dataclasses
from typing import Any

from hydra.core.config_store import ConfigStore

DEFAULT_SAMPLER = {"_target_": "optuna.samplers.TPESampler", "seed": 1, "n_startup_trials": 10}
"""The default `sampler`; another sampler gets those of its arguments that it takes."""


@dataclasses.dataclass
class StudySweeperConf:
    """Options of `hydra/sweeper=study`.

    Attributes:
      direction: `lower` (or `minimize`) or `higher` (or `maximize`) values are better; a list of these if a trial
        returns several. By default as the launcher's leaderboard has it.
      n_trials: trials in all; when a study resumes, those that failed do not count.
      n_jobs: trials of a batch, which run at the same time if the launcher can.
      max_failure_rate: share of trials of a batch whose program failed, above which the sweep ends.
      storage: URL of an Optuna storage of your own; null: `study.db` in the sweep's folder.
      study_name: the study's name in it; null: `sweep`.
      params: key -> `interval(1, 5)`, `tag(log, interval(1e-4, 1e-1))`, `int(interval(1, 5))`, `range(1, 4)`,
        `choice(a, b)` or a plain value; the same on the command line replaces it.
      search_space: key -> `{type: int | float | categorical, low, high, log, step, choices}`, the older way.
      custom_search_space: dotted name of a function of the config and an `optuna.trial.Trial`, which draws more.
      sampler: any of `optuna.samplers`, by `_target_`; its arguments beside it, such as `seed`, of what it draws, and
        `n_startup_trials`, drawn at random before it models the value.
    """

    _target_: str = "hydra_plugins.optuna_study.sweeper.StudySweeper"
    _recursive_: bool = False  # the sweeper makes the sampler, to report what is wrong with it
    direction: Any = "${oc.select:hydra.launcher.better,lower}"
    n_trials: int = 20
    n_jobs: int = 2
    max_failure_rate: float = 0.5
    storage: Any = None
    study_name: str | None = None
    params: Any = None  # a dictionary: as such it could not be given whole on the command line
    search_space: Any = None
    custom_search_space: str | None = None
    sampler: Any = dataclasses.field(default_factory=DEFAULT_SAMPLER.copy)


def register() -> None:
    """Makes the options known to Hydra; again after it has forgotten all, since it then runs `sweeper.py` anew."""
    ConfigStore.instance().store(group="hydra/sweeper", name="study", node=StudySweeperConf, provider="optuna_study")
