"""What a person sees of a sweep while it runs: a live table in a terminal, plain lines elsewhere."""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hydra_plugins.mpi_launcher._job import ENDED, Job, State
from hydra_plugins.mpi_launcher._scheduler import Running

REFRESH_SECONDS = 0.5
_COLOURS = {State.DONE: "green", State.FAILED: "red", State.TIMED_OUT: "red", State.CANCELLED: "yellow"}


class Board:
    """Shows jobs; use it as a context.

    Args:
      jobs: of the sweep.
      title: first line.
      places: places in all, for the estimate of the end.
    """

    def __init__(self, jobs: Sequence[Job], title: str, places: int) -> None:
        self._jobs, self._title, self._places = jobs, title, max(1, places)
        self._started = self._shown = time.monotonic()
        self._running: Sequence[Running] = ()
        self._live: Any = None

    def __enter__(self) -> "Board":
        if sys.stdout.isatty():
            from rich.live import Live

            self._live = Live(auto_refresh=False)
            self._live.start()
        else:
            print(self._title, flush=True)
        return self

    def __exit__(self, *exception: Any) -> None:
        if self._live:
            self._draw()
            self._live.stop()

    def changed(self, job: Job) -> None:
        """A job's state is another one."""
        if self._live:
            self._draw()
        else:
            print(describe(job), flush=True)

    def tick(self, running: Sequence[Running]) -> None:
        """Some time has passed."""
        self._running = running
        if self._live and time.monotonic() - self._shown >= REFRESH_SECONDS:
            self._draw()

    def _draw(self) -> None:
        from rich.table import Table
        from rich.text import Text

        self._shown = time.monotonic()
        table = Table(
            title=self._title, title_justify="left", caption=self._caption(), caption_justify="left", box=None
        )
        for column in ("job", "state", "on", "time", "", "last words"):
            table.add_column(column, no_wrap=True, overflow="ellipsis", justify="right" if column == "job" else "left")
        words = {running.job.number: running.process.last_line for running in self._running}
        for job in self._rows():
            seconds = time.time() - job.started if job.state == State.RUNNING else job.seconds
            said = words.get(job.number) or outcome(job)
            table.add_row(
                str(job.number),
                Text(job.state.value, style=_COLOURS.get(job.state, "")),
                job.placement,
                clock(seconds) if job.started else "",
                Text(" ".join(job.overrides)),
                Text(said),
            )
        self._live.update(table, refresh=True)

    def _rows(self) -> list[Job]:
        """What fits on the screen: those at work, the latest that ended, the next in line."""
        room = max(6, self._live.console.height - 6)
        running = [job for job in self._jobs if job.state == State.RUNNING]
        ended = sorted((job for job in self._jobs if job.state in ENDED), key=lambda job: job.started + job.seconds)
        queued = [job for job in self._jobs if job.state == State.QUEUED]
        rows = running[:room]
        left = room - len(rows)
        next_in_line = queued[: max(0, left // 3)]
        rows = [*ended[len(ended) - min(len(ended), left - len(next_in_line)) :], *rows, *next_in_line]
        return sorted(rows, key=lambda job: job.number)

    def _caption(self) -> str:
        counts = Counter(job.state for job in self._jobs)
        parts = [f"{counts[state]} {state.value}" for state in State if counts[state]]
        left = self._seconds_left()
        return " · ".join(
            [*parts, clock(time.monotonic() - self._started), *([f"some {clock(left)} to go"] if left else [])]
        )

    def _seconds_left(self) -> float | None:
        """From the place-seconds of the jobs that are done."""
        done = [job for job in self._jobs if job.state == State.DONE and job.attempts]
        if not done:
            return None
        mean = sum(job.seconds * job.needs.places for job in done) / sum(job.needs.places for job in done)
        todo = sum(mean * job.needs.places for job in self._jobs if job.state == State.QUEUED)
        for running in self._running:
            todo += max(0.0, mean - (time.time() - running.job.started)) * running.job.needs.places
        return todo / self._places


def describe(job: Job) -> str:
    """One line of a job's state."""
    words = " ".join(job.overrides)
    parts = [f"job {job.number:<3} {job.state.value:<9}"]
    if job.state == State.RUNNING:
        again = f" (attempt {job.attempts})" if job.attempts > 1 else ""
        parts.append(f"on {job.placement}{again}")
    elif job.state == State.QUEUED and job.attempts:
        parts.append(f"again, after: {last_line(job.error)}")
    elif job.attempts:
        parts.append(f"in {clock(job.seconds)}")
        parts.append(outcome(job))
    return " · ".join(part for part in [*parts, words] if part)


def outcome(job: Job) -> str:
    """What a job came to: its value, or its error's last line."""
    if job.state == State.DONE:
        return "" if job.value is None else f"{job.value:.6g}" if isinstance(job.value, float) else str(job.value)
    return last_line(job.error)


def last_line(text: str) -> str:
    """Of a traceback: the exception."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def clock(seconds: float) -> str:
    """`0:01:05`."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
