"""Runs the jobs of a source on the places of a sweep."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher._board import Board
from hydra_plugins.mpi_launcher._cards import Placement
from hydra_plugins.mpi_launcher._functions import function_of
from hydra_plugins.mpi_launcher._job import Job, State
from hydra_plugins.mpi_launcher._listening import Listener
from hydra_plugins.mpi_launcher._places import Places
from hydra_plugins.mpi_launcher._preparing import Preparation, Proposal, refused_job
from hydra_plugins.mpi_launcher._returns import job_return
from hydra_plugins.mpi_launcher._runner import Runner
from hydra_plugins.mpi_launcher._scheduler import Feed, Process, Rules, Running, Scheduler
from hydra_plugins.mpi_launcher._waiting import pool_of
from hydra_plugins.mpi_launcher.streaming import JobSource


class Batch(JobSource):
    """Jobs that are all known, as Hydra's launchers get them.

    Args:
      proposals: number and overrides of each.

    Attributes:
      returns: what Hydra's sweepers get of each job, by its number.
    """

    def __init__(self, proposals: Sequence[Proposal]) -> None:
        self._left = list(reversed(proposals))
        self.returns: dict[int, Any] = {}

    def next_job(self) -> Proposal | None:
        return self._left.pop() if self._left else None

    def job_ended(self, number: int, result: Any, state: str) -> None:
        self.returns[number] = result

    def left(self) -> int:
        return len(self._left)


class Stream:
    """Runs jobs as a source proposes them, and tells it how they end.

    Args:
      source: of the jobs.
      most: jobs that run at a time; 0: as many as fit.
      preparation: of the jobs.
      places: that they run on; those of the first jobs are there already.
      runner: starts them.
      jobs: the first ones; later ones are appended, so that the board shows them.
      board: shows them.

    Attributes:
      notes: notes of jobs for the user, a line each.
      error: the exception that the source raised.
    """

    def __init__(
        self,
        source: JobSource,
        most: int,
        preparation: Preparation,
        places: Places,
        runner: Runner,
        jobs: list[Job],
        board: Board,
    ) -> None:
        self._source, self._most, self._options = source, most, preparation.options
        self._preparation, self._places, self._runner = preparation, places, runner
        self._jobs, self._board, self._ledger = jobs, board, preparation.ledger
        self._listener = Listener(preparation.sweep_dir, source.job_reported) if source.listens else None
        name = self._options.after_failure
        self._after_failure: Callable[[Path, str], object] | None = function_of("after_failure", name) if name else None
        self.notes: list[str] = []
        self.error: Exception | None = None

    def run(self, more: bool) -> str | None:
        """Runs jobs until all of them have ended.

        Args:
          more: whether the source has more than the first jobs.

        Returns:
          None, or the name of the signal that ended it early.
        """
        options = self._options
        scheduler = Scheduler(
            self._jobs,
            self._places.pools,
            self._start,
            self._finish,
            Rules(options.on_failure, options.retries, options.timeout_minutes, options.stall_minutes),
            self._on_change,
            self._on_tick,
            Feed(self._next_job if more else lambda: None, self._ended, self._source.closed, self._most),
        )
        try:
            return scheduler.run()
        finally:
            self.error = scheduler.error
            self._ledger.catch_up(at_once=True)

    def _on_change(self, job: Job) -> None:
        self._ledger.note(job)
        self._board.changed(job)
        if self._after_failure and job.attempts and job.state in (State.FAILED, State.TIMED_OUT, State.CANCELLED):
            try:
                self._after_failure(job.output_dir, job.state.value)
            except Exception as error:  # the other jobs continue
                self.notes.append(f"note     {job.name}: hydra.launcher.after_failure: {type(error).__name__}: {error}")

    def _on_tick(self, running: Sequence[Running], stopping: bool) -> None:
        if self._listener:
            self._listener.look([entry.job.number for entry in running])
            if self._listener.error:
                raise self._listener.error
        self._ledger.catch_up()
        self._board.tick(running, stopping)

    def _next_job(self) -> Job | None:
        proposal = self._source.next_job()
        if proposal is None:
            return None
        job = self._prepared(proposal)
        self._jobs.append(job)
        self._ledger.note(job)
        if job.state == State.FAILED:
            self._board.changed(job)
        return job

    def _prepared(self, proposal: Proposal) -> Job:
        """Prepares a job. Once another one has started, a refused config fails only its own trial."""
        try:
            (job,) = self._preparation.jobs([proposal], batch=False)
            self._preparation.check([job])
            self._places.admit([job])
        except Exception as error:
            return refused_job(proposal, self._preparation.sweep_dir, error)
        return job

    def _start(self, job: Job, placement: Placement) -> Process:
        if self._listener:
            self._listener.look_once(job.number, answer=False)
        return self._runner.start(job, placement)

    def _finish(self, job: Job, code: int) -> None:
        if self._listener:
            self._listener.look_once(job.number)
        self._runner.finish(job, code)

    def _ended(self, job: Job) -> None:
        if job.attempts:
            self.notes += [f"note     {job.name}: {note}" for note in self._runner.notes(job)]
        result = job_return(job)
        job.config = job.result = job.exception = None  # saves memory in long sweeps
        self._source.job_ended(job.number, result, job.state.value)


def fitting(source: JobSource, prepare: Callable[[Proposal], Job], places: Places) -> list[Job]:
    """The jobs of a source that would start at once, for a dry run."""
    jobs: list[Job] = []
    held = []
    while proposal := source.next_job():
        job = prepare(proposal)
        places.admit([job])
        pool = pool_of(job, places.pools)
        placement = pool.take(job.needs.places, job.needs.processes)
        if placement is None:
            break
        jobs.append(job)
        held.append((pool, placement))
    for pool, placement in held:
        pool.give_back(placement)
    return jobs
