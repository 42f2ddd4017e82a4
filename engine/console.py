"""Console output: labelled lines, progress bars in a terminal, plain lines elsewhere."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from hydra_plugins.mpi_launcher.text import clock
from rich.console import Console as RichConsole
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Table
from rich.text import Text

_LABEL_WIDTH = 9
_PLAIN_WIDTH = 120
_SECONDS_BETWEEN_LINES = 10.0
_BAR_REFRESHES_A_SECOND = 2  # drawing takes milliseconds from a core that the network could use

Update = Callable[[int, str], None]
"""Called with (items done, text beside the bar)."""


class Console:
    """Writes to standard output.

    Args:
      quiet: print nothing; for the ranks that do not own the run.
    """

    def __init__(self, quiet: bool = False) -> None:
        width = None if sys.stdout.isatty() else _PLAIN_WIDTH
        self._rich = RichConsole(file=sys.stdout, highlight=False, soft_wrap=True, quiet=quiet, width=width)

    def title(self, text: str) -> None:
        """The first line of a run."""
        self._rich.print(Text(text, style="bold"))

    def line(self, label: str, text: str) -> None:
        """A line under a short label."""
        self._rich.print(Text(f"{label:<{_LABEL_WIDTH - 1}} ", style="cyan") + Text(text))

    def table(self, rows: Sequence[tuple[str, str, str, bool]]) -> None:
        """Rows of (label, what is there, assessment, whether it is a fault), in columns."""
        columns = Table.grid(padding=(0, 3))
        columns.add_column(style="cyan", no_wrap=True)
        columns.add_column(max_width=40)
        columns.add_column(overflow="fold")
        for label, found, assessment, is_fault in rows:
            columns.add_row(label, Text(found), Text(assessment, style="red" if is_fault else ""))
        self._rich.print(columns, soft_wrap=False)

    @contextlib.contextmanager
    def progress(self, label: str, total: int, done: int = 0) -> Iterator[Update]:
        """A bar in a terminal; elsewhere a line every ten seconds and one at the end."""
        if self._rich.is_terminal and not self._rich.is_dumb_terminal:
            columns = (
                TextColumn(f"[cyan]{label:<{_LABEL_WIDTH - 1}}"),
                BarColumn(24),
                _Count(),
                TextColumn("{task.fields[text]}"),
                _Clock(),
            )
            with Progress(*columns, console=self._rich, refresh_per_second=_BAR_REFRESHES_A_SECOND) as bars:
                bar = bars.add_task(label, total=total, completed=done, text="")
                yield lambda count, text: bars.update(
                    bar, completed=count, text=f"· {text}" if text else "", refresh=count == total
                )
        else:
            yield self._plain_lines(label, total)

    def _plain_lines(self, label: str, total: int) -> Update:
        started = last = time.monotonic()
        first: tuple[int, float] | None = None  # counted from, since a training compiles before its first step

        def update(count: int, text: str) -> None:
            nonlocal first, last
            now = time.monotonic()
            first = first or (count, now)
            if count >= total or now - last >= _SECONDS_BETWEEN_LINES:
                last = now
                left = (now - first[1]) / (count - first[0]) * (total - count) if count > first[0] else 0.0
                times = clock(now - started), f"{clock(left)} left" if left >= 1 else ""
                self.line(label, " · ".join(filter(None, (f"{count}/{total}", text, *times))))

        return update


class _Count(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{int(task.completed)}/{int(task.total or 0)}")


class _Clock(ProgressColumn):
    def render(self, task: Task) -> Text:
        left = f" · {clock(task.time_remaining)} left" if task.time_remaining and not task.finished else ""
        return Text(f"· {clock(task.elapsed or 0)}{left}", style="dim")
