"""From overrides to jobs that may start: composed, checked, and with the results that an earlier run of them left."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from hydra_plugins.mpi_launcher._folder import check_folders_apart
from hydra_plugins.mpi_launcher._functions import function_of
from hydra_plugins.mpi_launcher._job import Job, Needs, State
from hydra_plugins.mpi_launcher._ledger import Ledger
from hydra_plugins.mpi_launcher._ranked_together import check_ranked_together, Ranking
from hydra_plugins.mpi_launcher._resume import take_what_is_done
from hydra_plugins.mpi_launcher._samples import hydra_config_of
from omegaconf import DictConfig

Proposal = tuple[int, Sequence[str]]
"""Number and overrides of a job."""


@dataclasses.dataclass
class Preparation:
    """Prepares jobs, all of a sweep at once or one after the other.

    Attributes:
      compose: the config of a job, from its overrides and number.
      options: of the launcher.
      config: of the sweep, composed without what is swept.
      ledger: of the sweep; has read what an earlier run left.
      sweep_dir: folder of the sweep.
      ranking: that the jobs share; None before the first if no sample has shown it.
    """

    compose: Callable[[list[str], int], DictConfig]
    options: DictConfig
    config: DictConfig
    ledger: Ledger
    sweep_dir: Path
    ranking: Ranking | None
    _folders: dict[Path, int] = dataclasses.field(default_factory=dict)

    def jobs(self, proposals: Sequence[Proposal], batch: bool) -> list[Job]:
        """Composes jobs, and gives those that are done in the sweep that is resumed their results.

        Args:
          proposals: of the jobs.
          batch: whether these are all jobs of one call of the sweeper.

        Raises:
          LaunchError: they cannot be run in one sweep.
        """
        jobs = [
            make_job(self.compose(list(overrides), number), number, list(overrides)) for number, overrides in proposals
        ]
        check_folders_apart(((job.number, job.output_dir) for job in jobs), self._folders)
        rankings = [(job.overrides, Ranking.of(job.config, self.options)) for job in jobs if job.config is not None]
        check_ranked_together(rankings, self.ranking)
        self.ranking = self.ranking or (rankings[0][1] if rankings else None)
        shared = self.shared_ranking.shared
        if self.options.resume:
            take_what_is_done(jobs, self.ledger, self.sweep_dir, shared, batch)
        self.ledger.ranked_by = dict(shared)
        return jobs

    @property
    def shared_ranking(self) -> Ranking:
        """How the jobs are ranked; where there are none, that of the sweep."""
        return self.ranking or Ranking.of(self.config, self.options)

    def check(self, jobs: Sequence[Job]) -> None:
        """Hands the config of each job that is to run to `hydra.launcher.check`."""
        if self.options.check:
            check = function_of("check", self.options.check)
            for job in jobs:
                if job.state == State.QUEUED:
                    check(job.config)


def make_job(config: DictConfig, number: int, overrides: list[str]) -> Job:
    """A queued job of a composed config."""
    with hydra_config_of(config):
        folder = Path(str(config.hydra.sweep.dir), str(config.hydra.sweep.subdir)).absolute()
        return Job(number, overrides, config, Needs.of(config, f"job {number}"), folder)


def refused_job(proposal: Proposal, sweep_dir: Path, error: Exception) -> Job:
    """A job that failed before it could start, because its config is not accepted."""
    number, overrides = proposal
    job = Job(number, list(overrides), None, Needs(), sweep_dir.absolute() / str(number), State.FAILED)
    job.error, job.exception = f"{type(error).__name__}: {error}", error
    return job
