"""Goal: scheduler and books cost at most 1 ms a trial at 10,000 trials on 64 hosts of 8 cards, and under 100 MB.

Played through with processes that only pretend: scheduling, jobs.json and its journal, lines of the display, ranking.
Time is that of the processor, in this process. The number of trials grows from 100; the cost of one must not.
"""

import dataclasses
import io
import random
import resource
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import measure

sys.path.insert(0, str(measure.REPOSITORY / "launchers"))

from hydra_plugins.mpi_launcher import _scheduler
from hydra_plugins.mpi_launcher._board import Board
from hydra_plugins.mpi_launcher._cards import Pool
from hydra_plugins.mpi_launcher._job import Job, Needs, State
from hydra_plugins.mpi_launcher._leaderboard import Columns, summary, write_leaderboard
from hydra_plugins.mpi_launcher._ledger import Ledger

GOAL_MS, GOAL_MB = 1.0, 100
COUNTS = (100, 300, 1000, 3000, 10000)
HOSTS, CARDS = 64, 8


@dataclasses.dataclass
class Pretended:
    """A process that ends when it has been looked at often enough."""

    looks: int
    last_line: str = ""

    def worked_seconds(self) -> float:
        return 0.0

    def silent_seconds(self) -> float:
        return 0.0

    def ended(self) -> int | None:
        self.looks -= 1
        return 0 if self.looks <= 0 else None

    def ask_to_end(self) -> None:
        """Never asked."""

    def kill(self) -> None:
        """Never killed."""


def play(count: int, folder: Path) -> float:
    """Plays a sweep through; returns seconds of the processor."""
    luck = random.Random(count)
    jobs = [
        Job(number, [f"x={number}", f"rate={luck.random()}"], None, needs(luck), folder / str(number))
        for number in range(count)
    ]
    ledger, pool = Ledger(folder), Pool("cards", {f"host{host}": range(CARDS) for host in range(HOSTS)}, aligned=True)

    def finish(job: Job, code: int) -> None:
        job.state, job.value = State.DONE, luck.random()

    def on_change(job: Job) -> None:
        ledger.note(job)
        board.changed(job)

    def on_tick(running: object, stopping: bool) -> None:
        ledger.catch_up()

    started = time.process_time()
    ledger.write(jobs, batch=True)
    board = Board(jobs, "", HOSTS * CARDS, ["x", "rate"], "lower")
    scheduler = _scheduler.Scheduler(
        jobs,
        {"cards": pool},
        lambda job, placement: Pretended(luck.randint(1, 10)),
        finish,
        _scheduler.Rules(),
        on_change,
        on_tick,
    )
    scheduler.run()
    ledger.catch_up(at_once=True)
    write_leaderboard(folder, ledger.records, "lower", Columns())
    print("\n".join(summary(folder, ledger.records, "lower", Columns(), "program", [], 1.0)))
    return time.process_time() - started


def needs(luck: random.Random) -> Needs:
    """Of one, two or four cards."""
    cards = luck.choice((1, 2, 4))
    return Needs(cards, cards)


def main() -> None:
    """Measures and prints."""
    measure.parser(__doc__, data=False).parse_args()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cost = 0.0
    for count in COUNTS:
        with (
            tempfile.TemporaryDirectory() as name,
            redirect_stdout(io.StringIO()),
            mock.patch.object(_scheduler, "POLL_SECONDS", 0),
        ):
            seconds = play(count, Path(name))
        cost = 1000 * seconds / count
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        measure.show(f"{count} trials", f"{cost:8.3f} ms a trial, {memory:.0f} MB")
    measure.report(f"{GOAL_MS:g} ms a trial at most", f"{cost:.3f}", cost <= GOAL_MS)
    measure.report(f"{GOAL_MB} MB more than at the start at most", f"{memory - before:.0f}", memory - before <= GOAL_MB)


if __name__ == "__main__":
    main()
