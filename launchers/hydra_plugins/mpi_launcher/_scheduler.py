"""Runs jobs as soon as what they need is free, and sees each of them to its end."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from hydra_plugins.mpi_launcher._cards import Placement, Pool
from hydra_plugins.mpi_launcher._job import ENDED, Job, State
from hydra_plugins.mpi_launcher.signals import noted_signals

POLL_SECONDS = 0.03


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
    """What to do when things go wrong; see `_config.MpiLauncherConf`."""

    on_failure: str = "continue"
    retries: int = 0
    timeout_minutes: float = 0.0
    stall_minutes: float = 0.0


@dataclasses.dataclass
class Running:
    """A job at work."""

    job: Job
    placement: Placement
    process: Process
    started: float
    timed_out: bool = False
    stalled: bool = False


class Scheduler:
    """Packs jobs on pools of places.

    Args:
      jobs: in any state; those that have ended are left alone.
      pools: `cards` and `slots`.
      start: starts a job on what it has been given.
      finish: reads what a job left, given the exit code: sets its state (done or failed), value, error, result.
      rules: for failures.
      on_change: called after every change of a job's state, with the job.
      on_tick: called often, with the running jobs and whether they have been asked to end.
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
    ) -> None:
        self._jobs, self._pools = jobs, pools
        self._start, self._finish, self._rules = start, finish, rules
        self._on_change, self._on_tick = on_change, on_tick
        self._running: list[Running] = []
        self._signals = 0
        self._signal: str | None = None
        self._stopping = False

    def run(self) -> str | None:
        """Runs all jobs.

        Returns:
          None, or the name of the signal that ended it early.
        """
        with noted_signals(self._remember):
            try:
                while True:
                    if self._signals:
                        self._obey_signal()
                    if not self._stopping:
                        self._start_what_fits()
                    if not self._running:
                        break
                    for running in list(self._running):
                        self._look_at(running)
                    self._on_tick(self._running, self._stopping)
                    time.sleep(POLL_SECONDS)
            except BaseException:
                self._end_all_now()
                raise
        return self._signal

    def waiting(self) -> list[Job]:
        """Queued jobs in the order in which they would like to start."""
        return in_order(job for job in self._jobs if job.state == State.QUEUED)

    def _start_what_fits(self) -> None:
        for job in self.waiting():
            pool = pool_of(job, self._pools)
            placement = pool.take(job.needs.places, job.needs.processes)
            if placement is None:
                continue
            job.state, job.placement, job.started = State.RUNNING, str(placement), time.time()
            job.attempts += 1
            try:
                process = self._start(job, placement)
            except OSError as error:
                pool.give_back(placement)
                job.state, job.error = State.FAILED, f"cannot be started: {error}"
                self._on_change(job)
                if self._rules.on_failure == "stop":
                    self._stop()
                    return
                continue
            self._running.append(Running(job, placement, process, time.monotonic()))
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
        self._running.remove(running)
        pool_of(job, self._pools).give_back(running.placement)
        job.seconds = time.monotonic() - running.started
        self._finish(job, code)
        if job.state != State.DONE:
            if running.stalled:
                job.error = f"killed: no rank printed anything for stall_minutes={limit:g}\n{job.error}".strip()
            if self._stopping:
                job.state = State.CANCELLED
            elif running.timed_out:
                job.state, job.error = State.TIMED_OUT, f"ended after timeout_minutes={minutes:g}\n{job.error}".strip()
            elif job.attempts <= self._rules.retries:
                job.state = State.QUEUED
        self._on_change(job)
        if job.state in (State.FAILED, State.TIMED_OUT) and self._rules.on_failure == "stop":
            self._stop()

    def _stop(self) -> None:
        self._stopping = True
        for running in self._running:
            running.process.ask_to_end()
        for job in self._jobs:
            if job.state == State.QUEUED:
                job.state = State.CANCELLED
                self._on_change(job)

    def _remember(self, name: str) -> None:
        self._signals += 1
        self._signal = name

    def _obey_signal(self) -> None:
        signals, self._signals = self._signals, 0
        if self._stopping or signals > 1:
            for running in self._running:
                running.process.kill()
        if not self._stopping:
            self._stop()

    def _end_all_now(self) -> None:
        for running in self._running:
            running.process.kill()


def in_order(jobs: Any) -> list[Job]:
    """Largest first, then those that take longest, then by number."""
    return sorted(jobs, key=lambda job: (-job.needs.places, -job.needs.duration, job.number))


def pool_of(job: Job, pools: dict[str, Pool]) -> Pool:
    """The pool that a job takes its places from."""
    return pools["cards" if job.needs.devices else "slots"]


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
    """Plays the scheduler through with jobs that take `duration`, or one unit of time each; nothing is started."""
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
