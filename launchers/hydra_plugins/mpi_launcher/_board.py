"""The display of a running sweep: a live table in a terminal, plain lines elsewhere."""

import contextlib
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from hydra_plugins.mpi_launcher._console import is_terminal, report
from hydra_plugins.mpi_launcher._errors import headline
from hydra_plugins.mpi_launcher._job import ENDED, first_number, Job, RETURNED, State
from hydra_plugins.mpi_launcher._scheduler import Running
from hydra_plugins.mpi_launcher.overrides import by_key, short_names, with_keys
from hydra_plugins.mpi_launcher.text import clock

REFRESH_SECONDS = 0.5
STOPPING = "waiting for checkpoints; Ctrl-C again kills"
_WIDEST_PLACEMENT = 24
_COLOURS = {
    State.DONE: "green",
    State.PRUNED: "yellow",
    State.FAILED: "red",
    State.TIMED_OUT: "red",
    State.CANCELLED: "yellow",
}


class Board:
    """Shows jobs; use it as a context.

    Args:
      jobs: of the sweep.
      title: first line.
      places: places in all, for the estimate of the end.
      keys: of the overrides that are shown, because they distinguish the jobs.
      better: `lower` or `higher`: which value is the best; empty to show none.
      left: number of jobs that are not yet in `jobs`; None if it is not known.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        title: str,
        places: int,
        keys: Sequence[str],
        better: str = "",
        left: Callable[[], int | None] = lambda: 0,
    ) -> None:
        self._jobs, self._title, self._places = jobs, title, max(1, places)
        self._keys, self._names = keys, short_names(keys)
        self._better, self._left = better, left
        self._best: Job | None = None
        self._started = self._shown = time.monotonic()
        self._running: Sequence[Running] = ()
        self._live: Any = None
        self._stopping = False

    def __enter__(self) -> "Board":
        if is_terminal():
            from rich.live import Live

            self._live = Live(auto_refresh=False)
            self._live.start()
        else:
            report(self._title)
        return self

    def __exit__(self, *exception: Any) -> None:
        if self._live:
            self._draw()
            self._live.stop()

    def changed(self, job: Job) -> None:
        """Shows that the state of a job has changed."""
        is_best = self._is_best(job)
        if is_best:
            self._best = job
        if self._live:
            if time.monotonic() - self._shown >= REFRESH_SECONDS:
                self._draw()
        elif job.attempts or job.state in ENDED:
            report(describe(job, with_keys(job.overrides, self._keys)))
            if is_best:
                report(self._best_line())

    def _is_best(self, job: Job) -> bool:
        value = first_number(job.value) if job.state == State.DONE and self._better else None
        if value is None:
            return False
        best = None if self._best is None else first_number(self._best.value)
        return best is None or (value > best if self._better == "higher" else value < best)

    def _best_line(self) -> str:
        """The best job so far, its overrides, and the estimated time of the others."""
        assert self._best is not None
        overrides = self._overrides(self._best)
        parts = [f"best     {result_text(self._best)} by job {self._best.number}{overrides and f': {overrides}'}"]
        if (left := self._left()) is not None:
            ended = sum(job.state in ENDED for job in self._jobs)
            parts.append(f"{ended} of {len(self._jobs) + left} jobs")
        if seconds := self._seconds_left():
            parts.append(f"about {clock(seconds)} to go")
        return " · ".join(parts)

    def tick(self, running: Sequence[Running], stopping: bool) -> None:
        """Updates the display; `stopping`: the jobs have been asked to end."""
        self._running = running
        if stopping and running and not self._stopping:
            self._stopping = True
            if not self._live:
                report(STOPPING)
        if self._live and time.monotonic() - self._shown >= REFRESH_SECONDS:
            self._draw()

    def _draw(self) -> None:
        self._shown = time.monotonic()
        with contextlib.suppress(OSError):  # the terminal is gone
            self._live.update(self.picture(*self._live.console.size), refresh=True)

    def picture(self, width: int, height: int) -> Any:
        """The whole display, for rich to print on a screen of `width` columns and `height` lines."""
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None)
        table.add_column("job", no_wrap=True, justify="right")
        for column in ("state", "on", "time"):
            table.add_column(column, no_wrap=True, max_width=_WIDEST_PLACEMENT)
        rows = self._rows(height)
        overrides = [self._overrides(job) for job in rows]
        longest = max(map(len, ["overrides", *overrides]))
        # These two shrink on a narrow screen, but short overrides do not shrink for a long last line.
        table.add_column("overrides", width=longest if longest <= width // 3 else None)
        table.add_column("last line")
        last_lines = {running.job.number: running.process.last_line for running in self._running}
        for job, text in zip(rows, overrides, strict=True):
            seconds = time.time() - job.started if job.state == State.RUNNING else job.seconds
            last = plain(last_lines[job.number]) if job.number in last_lines else result_text(job)
            table.add_row(
                str(job.number),
                Text(job.state.value, style=_COLOURS.get(job.state, "")),
                Text(job.placement, no_wrap=True, overflow="ellipsis"),
                clock(seconds) if job.started else "",
                Text(text, no_wrap=True, overflow="ellipsis"),
                Text(last, no_wrap=True, overflow="ellipsis"),
            )
        lines = [Text(self._caption(), style="dim italic")]
        if self._best is not None:
            lines.insert(0, Text(self._best_line(), no_wrap=True, overflow="ellipsis"))
        return Group(Text(self._title, style="italic"), table, *lines)

    def _overrides(self, job: Job) -> str:
        values = by_key(job.overrides)
        return " ".join(f"{name}={values[key]}" for key, name in self._names.items() if key in values)

    def _rows(self, height: int) -> list[Job]:
        """The jobs that fit on the screen: the running ones, the latest that ended, the next in the queue."""
        room = max(6, height - 7)
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
        parts.append(clock(time.monotonic() - self._started))
        if self._stopping and self._running:
            parts.append(STOPPING)
        elif left := self._seconds_left():
            parts.append(f"about {clock(left)} to go")
        return " · ".join(parts)

    def _seconds_left(self) -> float | None:
        """From the place-seconds of the jobs that are done."""
        done = [job for job in self._jobs if job.state == State.DONE and job.attempts]
        if not done:
            return None
        places = sum(job.needs.places for job in done)
        mean = sum(job.seconds * job.needs.places for job in done) / places
        todo = sum(mean * job.needs.places for job in self._jobs if job.state == State.QUEUED)
        todo += mean * places / len(done) * (self._left() or 0)
        for running in self._running:
            todo += max(0.0, mean - (time.time() - running.job.started)) * running.job.needs.places
        return todo / self._places


def describe(job: Job, overrides: str) -> str:
    """One line of a job's state, with the overrides that distinguish it."""
    parts = [f"job {job.number:<3} {job.state.value:<9}"]
    if job.state == State.RUNNING:
        again = f" (attempt {job.attempts})" if job.attempts > 1 else ""
        parts.append(f"on {job.placement}{again}")
    elif job.state == State.QUEUED and job.attempts:
        parts.append(f"again, after: {headline(job.error)}")
    elif job.attempts:
        parts.append(f"in {clock(job.seconds)}")
        parts.append(result_text(job))
    return " · ".join(part for part in [*parts, overrides] if part)


def result_text(job: Job) -> str:
    """The value of a job that is done, or the error of another one, in one line."""
    if job.state in RETURNED:
        return "" if job.value is None else f"{job.value:.6g}" if isinstance(job.value, float) else str(job.value)
    return headline(job.error)


def plain(line: str) -> str:
    """A line of a rank's output without mpirun's tag, colours and padding."""
    line = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line)
    return " ".join(re.sub(r"^\[[^\]]*,\d+\]<std(out|err)>:", "", line).split())
