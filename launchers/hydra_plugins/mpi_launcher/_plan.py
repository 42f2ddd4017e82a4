"""The plan of a dry run: the places of each job, and the jobs that it waits for."""

import dataclasses
from collections.abc import Sequence

from hydra_plugins.mpi_launcher._cards import Placement, Pool
from hydra_plugins.mpi_launcher._job import ENDED, Job
from hydra_plugins.mpi_launcher._waiting import in_order, pool_of


@dataclasses.dataclass(frozen=True)
class Planned:
    """A job's place in a plan.

    Attributes:
      job: the job.
      placement: what it would hold.
      wave: 0 for what starts at once, else one more than the latest of the jobs whose places it waits for.
      after: numbers of the jobs that end when it starts.
    """

    job: Job
    placement: Placement
    wave: int
    after: tuple[int, ...]


def plan(jobs: Sequence[Job], pools: dict[str, Pool]) -> list[Planned]:
    """Simulates the scheduler with jobs that take `duration`, or one unit of time each; starts nothing."""
    waiting = in_order(job for job in jobs if job.state not in ENDED)
    running: list[tuple[float, Planned]] = []
    planned: list[Planned] = []
    now = 0.0
    just_ended: tuple[Planned, ...] = ()
    while waiting or running:
        for job in list(waiting):
            placement = pool_of(job, pools).take(job.needs.places, job.needs.processes)
            if placement is None:
                continue
            waiting.remove(job)
            before = [entry for entry in just_ended if _overlap(entry.placement, placement)]
            wave = 1 + max((entry.wave for entry in just_ended), default=-1)
            entry = Planned(job, placement, wave, tuple(sorted(other.job.number for other in before)))
            planned.append(entry)
            running.append((now + (job.needs.duration or 1.0), entry))
        now = min(end for end, _ in running)
        just_ended = tuple(entry for end, entry in running if end <= now)
        running = [(end, entry) for end, entry in running if end > now]
        for entry in just_ended:
            pool_of(entry.job, pools).give_back(entry.placement)
    return planned


def _overlap(first: Placement, second: Placement) -> bool:
    held = {(first.kind, share.host, place) for share in first.shares for place in share.places}
    return any((second.kind, share.host, place) in held for share in second.shares for place in share.places)
