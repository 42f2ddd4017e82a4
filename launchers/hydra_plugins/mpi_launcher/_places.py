"""The places that the jobs of a sweep run on."""

from collections.abc import Sequence

from hydra_plugins.mpi_launcher._cards import card_pool, Pool, slot_pool
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._hosts import find_hosts
from hydra_plugins.mpi_launcher._job import Job, Needs, State
from hydra_plugins.mpi_launcher._machine import ordered_cores
from hydra_plugins.mpi_launcher._waiting import pool_of
from omegaconf import DictConfig


class Places:
    """Pools of cards and slots for jobs, of which all are known, or more may follow.

    Args:
      options: of the launcher.
      at_a_time: jobs that run at a time, of a sweep in which more may follow: 0: as many as fit; None: none follows.

    Attributes:
      hosts: other machines; empty for this one.
      pools: `cards` and `slots`, once a job has been admitted.

    Raises:
      LaunchError: the hostfile cannot be read.
    """

    def __init__(self, options: DictConfig, at_a_time: int | None = None) -> None:
        self._options, self._at_a_time = options, at_a_time
        self._kind: str | None = None
        self.hosts = find_hosts(options.hostfile)
        self.pools: dict[str, Pool] = {}

    def admit(self, jobs: Sequence[Job]) -> None:
        """Makes the pools for the first jobs, and checks that each queued job fits on them.

        Raises:
          LaunchError: a job needs more places than there are, or cards of another kind.
        """
        todo = [job for job in jobs if job.state == State.QUEUED]
        self._add_cards([job for job in todo if job.needs.devices])
        self._add_slots([job.needs.processes for job in todo if not job.needs.devices])
        for job in todo:
            pool_of(job, self.pools).check(job.needs.places, job.needs.processes, job.name)

    def _add_cards(self, jobs: Sequence[Job]) -> None:
        kinds = sorted({job.needs.device_kind for job in jobs} | ({self._kind} if self._kind else set()))
        if len(kinds) > 1:
            kinds_shown = " and ".join(kinds)
            raise LaunchError(f"hydra.launcher.device_kind: one sweep takes cards of one kind, not {kinds_shown}")
        if "cards" in self.pools and (self._kind or not kinds):
            return
        self._kind = kinds[0] if kinds else None
        given = self._options.cards
        cards = given if isinstance(given, int | str) else list(given)
        self.pools["cards"] = card_pool(cards, self._options.aligned, self.hosts, self._kind or Needs.device_kind)

    def _add_slots(self, ranks: Sequence[int]) -> None:
        if "slots" not in self.pools:
            if self._at_a_time is not None:
                largest = max(ranks, default=1)
                ranks = [largest] * (self._at_a_time or max(1, len(ordered_cores()) // largest))
            self.pools["slots"] = slot_pool(self._options.slots, ranks, self.hosts)
        elif not self._options.slots and not self.hosts and max(ranks, default=0) > self.pools["slots"].size:
            self.pools["slots"].grow(max(ranks))
