"""Goal: scheduling and records cost at most 1 ms per trial for 10,000 trials on 64 hosts of 8 cards, and under 100 MB.

The script simulates the processes and runs the rest: scheduling, jobs.json and its journal, the display, the ranking.
It measures processor time of this process for growing numbers of trials; the cost per trial must not grow.
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
class Simulated:
    """A simulated process that ends after a number of polls."""

    polls: int
    last_line: str = ""

    def worked_seconds(self) -> float:
        return 0.0

    def silent_seconds(self) -> float:
        return 0.0

    def ended(self) -> int | None:
        self.polls -= 1
        return 0 if self.polls <= 0 else None

    def ask_to_end(self) -> None:
        """Is not called."""

    def kill(self) -> None:
        """Is not called."""


def simulate(count: int, folder: Path) -> float:
    """Simulates a sweep; returns seconds of processor time."""
    rng = random.Random(count)
    jobs = [
        Job(number, [f"x={number}", f"rate={rng.random()}"], None, needs(rng), folder / str(number))
        for number in range(count)
    ]
    ledger, pool = Ledger(folder), Pool("cards", {f"host{host}": range(CARDS) for host in range(HOSTS)}, aligned=True)

    def finish(job: Job, code: int) -> None:
        job.state, job.value = State.DONE, rng.random()

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
        lambda job, placement: Simulated(rng.randint(1, 10)),
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


def needs(rng: random.Random) -> Needs:
    """A random need of one, two or four cards."""
    cards = rng.choice((1, 2, 4))
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
            seconds = simulate(count, Path(name))
        cost = 1000 * seconds / count
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        measure.show(f"{count} trials", f"{cost:8.3f} ms per trial, {memory:.0f} MB")
    measure.report(f"{GOAL_MS:g} ms per trial at most", f"{cost:.3f}", cost <= GOAL_MS)
    measure.report(f"{GOAL_MB} MB more than at the start at most", f"{memory - before:.0f}", memory - before <= GOAL_MB)


if __name__ == "__main__":
    measure.run(main)
