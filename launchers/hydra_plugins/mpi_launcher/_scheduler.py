"""Runs jobs as soon as the places that they need are free."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from hydra_plugins.mpi_launcher._cards import Placement, Pool
from hydra_plugins.mpi_launcher._job import ENDED, Job, RETURNED, State
from hydra_plugins.mpi_launcher._waiting import pool_of, Waiting
from hydra_plugins.mpi_launcher.signals import noted_signals

POLL_SECONDS = 0.03

AHEAD = 16
"""Jobs of a source that may wait while it is asked for smaller ones. In a simulation with trials of one, two and four
cards on eight cards, and durations that differ tenfold, 0.97 of the cards are busy; with 4 it is 0.93."""


class Process(Protocol):
    """A running job (`_mpi_process.MpiProcess`)."""

    last_line: str

    def worked_seconds(self) -> float: ...
    def silent_seconds(self) -> float: ...
    def ended(self) -> int | None: ...
    def ask_to_end(self) -> None: ...
    def kill(self) -> None: ...


@dataclasses.dataclass(frozen=True)
class Rules:
    """How to handle failures; see `_config.MpiLauncherConf`."""

    on_failure: str = "continue"
    retries: int = 0
    timeout_minutes: float = 0.0
    stall_minutes: float = 0.0


@dataclasses.dataclass
class Running:
    """A running job."""

    job: Job
    placement: Placement
    process: Process
    started: float
    timed_out: bool = False
    stalled: bool = False


@dataclasses.dataclass(frozen=True)
class Feed:
    """The source of further jobs while others run, and the receiver of those that end.

    Attributes:
      more: one more job, queued or ended already; None if there is none until another one has ended.
      ended: gets each job that has ended, and those that were cancelled unless a signal ended the sweep.
      closed: whether no further job is to start.
      most: jobs that run at a time; 0: as many as fit.
    """

    more: Callable[[], Job | None] = lambda: None
    ended: Callable[[Job], None] = lambda job: None
    closed: Callable[[], bool] = lambda: False
    most: int = 0


class Scheduler:
    """Packs jobs on pools of places.

    Args:
      jobs: known from the start, in any state; those that have ended are left alone.
      pools: `cards` and `slots`; may grow.
      start: starts a job on what it has been given.
      finish: reads what a job left, given the exit code: sets its state (done or failed), value, error, result.
      rules: for failures.
      on_change: called after every change of a job's state, with the job.
      on_tick: called often, with the running jobs and whether they have been asked to end.
      feed: brings more jobs, as soon as places are free for which no job waits.

    Attributes:
      error: that `feed` or `on_tick` raised, which ends the sweep as a signal does.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        pools: dict[str, Pool],
        start: Callable[[Job, Placement], Process],
        finish: Callable[[Job, int], None],
        rules: Rules,
        on_change: Callable[[Job], None],
        on_tick: Callable[[Sequence[Running], bool], None] = lambda running, stopping: None,
        feed: Feed | None = None,
    ) -> None:
        self._pools, self._feed = pools, feed or Feed()
        self._start, self._finish, self._rules = start, finish, rules
        self._on_change, self._on_tick = on_change, on_tick
        self._waiting = Waiting(pools)
        self._running: dict[int, Running] = {}
        self._used: set[str] = set()
        self._cancelled: list[Job] = []
        self._signals = 0
        self._signal: str | None = None
        self._stopping = False
        self._has_more = True
        self.error: Exception | None = None
        self._ended_before = [job for job in jobs if job.state in ENDED]
        for job in jobs:
            if job.state not in ENDED:
                self._add(job)

    def run(self) -> str | None:
        """Runs all jobs.

        Returns:
          None, or the name of the signal that ended it early.
        """
        with noted_signals(self._remember):
            try:
                self._hand_over(self._ended_before)
                while True:
                    if self._signals:
                        self._obey_signal()
                    if not self._stopping and self._feed.closed():
                        self._has_more = False
                        self._cancel(self._waiting.clear())
                    if not self._stopping:
                        self._start_what_fits()
                    if not self._running:
                        break
                    for running in list(self._running.values()):
                        self._look_at(running)
                    try:
                        self._on_tick(list(self._running.values()), self._stopping)
                    except Exception as error:
                        self._fail(error)
                    time.sleep(POLL_SECONDS)
            except BaseException:
                self._end_all_now()
                raise
        if self._signal is None and self.error is None:
            self._hand_over(self._cancelled)
        return self._signal

    def _add(self, job: Job) -> None:
        self._waiting.add(job)
        self._used.add(pool_of(job, self._pools).kind)

    def _start_what_fits(self) -> None:
        while not self._stopping:
            while self._may_start() and (found := self._waiting.take()):
                self._start_job(*found)
                if self._stopping:
                    return
            if not self._may_ask():
                return
            try:
                job = self._feed.more()
            except Exception as error:
                self._fail(error)
                return
            if job is None:
                self._has_more = False
                return
            if job.state in ENDED:
                self._hand_over([job])
                self._stop_if_failed(job)
            else:
                self._add(job)

    def _may_start(self) -> bool:
        return not self._feed.most or len(self._running) < self._feed.most

    def _may_ask(self) -> bool:
        if not self._has_more or not self._may_start() or len(self._waiting) >= AHEAD:
            return False
        return not self._used or any(self._pools[kind].free for kind in self._used)

    def _start_job(self, job: Job, placement: Placement) -> None:
        job.state, job.placement, job.started = State.RUNNING, str(placement), time.time()
        job.attempts += 1
        try:
            process = self._start(job, placement)
        except OSError as error:
            self._give_back(job, placement)
            job.state, job.error = State.FAILED, f"cannot be started: {error}"
            self._end(job)
            return
        self._running[job.number] = Running(job, placement, process, time.monotonic())
        self._on_change(job)

    def _look_at(self, running: Running) -> None:
        job = running.job
        minutes = self._rules.timeout_minutes
        if minutes > 0 and not running.timed_out and running.process.worked_seconds() >= 60 * minutes:
            running.timed_out = True
            running.process.ask_to_end()
        limit = self._rules.stall_minutes
        if limit > 0 and not running.stalled and running.process.silent_seconds() >= 60 * limit:
            running.stalled = True
            running.process.kill()  # a rank that hangs does not answer
        code = running.process.ended()
        if code is None:
            return
        del self._running[job.number]
        self._give_back(job, running.placement)
        job.seconds = time.monotonic() - running.started
        self._finish(job, code)
        if job.state not in RETURNED:
            if running.stalled:
                job.error = f"killed: no rank printed anything for stall_minutes={limit:g}\n{job.error}".strip()
            if self._stopping:
                job.state = State.CANCELLED
            elif running.timed_out:
                job.state, job.error = State.TIMED_OUT, f"ended after timeout_minutes={minutes:g}\n{job.error}".strip()
            elif job.attempts <= self._rules.retries:
                job.state = State.QUEUED
        if job.state == State.QUEUED:
            self._on_change(job)
            self._add(job)
        else:
            self._end(job)

    def _end(self, job: Job) -> None:
        """Records the end of a job, and stops the others if `on_failure` says so."""
        self._on_change(job)
        self._has_more = True
        if job.state == State.CANCELLED:
            self._cancelled.append(job)
            return
        self._hand_over([job])
        self._stop_if_failed(job)

    def _stop_if_failed(self, job: Job) -> None:
        if job.state in (State.FAILED, State.TIMED_OUT) and self._rules.on_failure == "stop":
            self._stop()

    def _give_back(self, job: Job, placement: Placement) -> None:
        pool_of(job, self._pools).give_back(placement)
        self._waiting.places_are_free()

    def _hand_over(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            try:
                self._feed.ended(job)
            except Exception as error:
                self._fail(error)
                return

    def _fail(self, error: Exception) -> None:
        self.error = self.error or error
        self._stop()

    def _stop(self) -> None:
        if self._stopping:
            return
        self._stopping = True
        for running in self._running.values():
            running.process.ask_to_end()
        self._cancel(self._waiting.clear())

    def _cancel(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            job.state = State.CANCELLED
            self._on_change(job)
        self._cancelled += jobs

    def _remember(self, name: str) -> None:
        self._signals += 1
        self._signal = name

    def _obey_signal(self) -> None:
        signals, self._signals = self._signals, 0
        if self._stopping or signals > 1:
            for running in self._running.values():
                running.process.kill()
        self._stop()

    def _end_all_now(self) -> None:
        for running in self._running.values():
            running.process.kill()
