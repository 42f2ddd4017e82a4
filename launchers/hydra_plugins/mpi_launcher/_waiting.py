"""Jobs that wait for places, in the order in which they would like to start."""

import heapq
from collections.abc import Iterable, Iterator

from hydra_plugins.mpi_launcher._cards import Placement, Pool
from hydra_plugins.mpi_launcher._job import Job

Kind = tuple[str, int, int]
"""What jobs must share so that one of them fits whenever another one does: pool, number of places, ranks."""


class Waiting:
    """A queue of jobs for some pools: largest first, then those that take longest, then by number.

    Jobs of one kind wait in a heap of their own, and a kind that does not fit is not tried again before some place is
    free again. To start a job costs the number of kinds, not that of the jobs.

    Args:
      pools: `cards` and `slots`.
    """

    def __init__(self, pools: dict[str, Pool]) -> None:
        self._pools = pools
        self._heaps: dict[Kind, list[tuple[tuple[float, ...], Job]]] = {}
        self._full: set[Kind] = set()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Job]:
        for heap in self._heaps.values():
            yield from (job for _, job in heap)

    def add(self, job: Job) -> None:
        """One more job."""
        heapq.heappush(self._heaps.setdefault(_kind(job), []), (order(job), job))
        self._count += 1

    def take(self) -> tuple[Job, Placement] | None:
        """The first job that fits, and its places; it waits no longer. None for now."""
        heads = sorted((heap[0][0], kind) for kind, heap in self._heaps.items() if heap and kind not in self._full)
        for _, kind in heads:
            job = self._heaps[kind][0][1]
            placement = pool_of(job, self._pools).take(job.needs.places, job.needs.processes)
            if placement is not None:
                heapq.heappop(self._heaps[kind])
                self._count -= 1
                return job, placement
            self._full.add(kind)
        return None

    def places_are_free(self) -> None:
        """A job has given its places back."""
        self._full.clear()

    def clear(self) -> list[Job]:
        """Removes all, and returns them by number."""
        jobs = sorted(self, key=lambda job: job.number)
        self._heaps.clear()
        self._count = 0
        return jobs


def order(job: Job) -> tuple[float, ...]:
    """Sorts jobs: largest first, then those that take longest, then by number."""
    return (-job.needs.places, -job.needs.duration, job.number)


def in_order(jobs: Iterable[Job]) -> list[Job]:
    """Jobs sorted by `order`."""
    return sorted(jobs, key=order)


def pool_of(job: Job, pools: dict[str, Pool]) -> Pool:
    """The pool that a job takes its places from."""
    return pools[job.needs.pool]


def _kind(job: Job) -> Kind:
    return job.needs.pool, job.needs.places, job.needs.processes
