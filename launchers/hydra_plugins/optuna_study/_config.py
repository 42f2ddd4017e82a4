"""The sweeper's options, as `hydra.sweeper.*` on the command line or in a config."""

import dataclasses
from typing import Any

from hydra.core.config_store import ConfigStore

DEFAULT_SAMPLER = {
    "_target_": "optuna.samplers.TPESampler",
    "seed": 1,
    "n_startup_trials": 10,
    "constant_liar": True,  # trials that run count as bad ones, so that those beside them are others
}
"""The default `sampler`; another sampler gets those of its arguments that it takes."""


@dataclasses.dataclass
class StudySweeperConf:
    """Options of `hydra/sweeper=study`.

    Attributes:
      direction: `lower` (or `minimize`) or `higher` (or `maximize`) values are better; a list of these if a trial
        returns several. By default as the launcher's leaderboard has it.
      n_trials: trials in all; when a study resumes, those that failed do not count.
      n_jobs: most trials at a time; 0: as many as there is room for. With a launcher that only knows batches: trials of
        a batch, 0: two.
      max_failure_rate: share of the latest trials (ten, or as many as run at a time) whose program failed, above which
        the sweep ends.
      pruner: prunes trials that fall behind, by the values that they report: `median`, `percentile`,
        `successive_halving`, `hyperband`, `patient`, `wilcoxon`, or any of `optuna.pruners` by `_target_`; null: none.
      enqueue: trials that come first: a list whose entries are `config`, the config as it is, or overrides as a text
        such as `x=1 y=2`; what they leave out the sampler chooses.
      timeout_minutes: time after which no further trial starts; 0: never.
      target: value that is good enough: once a trial reaches it, no further trial starts; null: none.
      when: key -> its value -> parameters, written as in `params`, that belong to this value alone.
      objectives: further objectives, besides what a trial returns: dotted key in the launcher's `metadata_file` ->
        `lower` or `higher`.
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
    n_jobs: int = 0
    max_failure_rate: float = 0.5
    pruner: Any = None
    enqueue: Any = dataclasses.field(default_factory=lambda: ["config"])
    timeout_minutes: float = 0.0
    target: float | None = None
    storage: Any = None
    study_name: str | None = None
    params: Any = None  # a dictionary: as such it could not be given whole on the command line
    when: Any = None
    objectives: Any = None
    search_space: Any = None
    custom_search_space: str | None = None
    sampler: Any = dataclasses.field(default_factory=DEFAULT_SAMPLER.copy)


def register() -> None:
    """Registers the options with Hydra. Hydra runs `sweeper.py`, and this, again after it clears its ConfigStore."""
    ConfigStore.instance().store(group="hydra/sweeper", name="study", node=StudySweeperConf, provider="optuna_study")
