"""Goal: in a search on 8 simulated cards, 0.95 of all card-seconds are busy until the last trial starts.

The search has 64 trials of one, two and four cards, whose durations differ by a factor of ten. Trials are requested one
at a time, and for comparison in batches of 8, as Hydra's launcher interface and so hydra-optuna-sweeper do. The
launcher does not know the durations. The script runs its scheduler with simulated processes for 20 seeds. `--real` adds
a search of trials that sleep, and takes about fifteen minutes. `--ray <python>` adds the same search by Ray Tune's
OptunaSearch in a separate environment: `pip install "ray[tune]" optuna`.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import measure

sys.path.insert(0, str(measure.REPOSITORY / "launchers"))

from hydra_plugins.mpi_launcher import _scheduler
from hydra_plugins.mpi_launcher._cards import Placement, Pool
from hydra_plugins.mpi_launcher._job import Job, Needs, State

GOAL = 0.95
RAY_PROGRAM = measure.REPOSITORY / "benchmarks" / "ray_search.py"
CARDS, BATCH = 8, 8

PROGRAM = """\
import os
import sys
import time

sys.path.append({launchers!r})

import hydra

if os.environ.get("BATCHES"):
    from hydra_plugins.optuna_study import _sweep

    _sweep.StreamingLauncher = type(None)  # no launcher takes trials one at a time


@hydra.main(version_base="1.3", config_path=".", config_name="config")
def main(config):
    time.sleep(config.seconds)
    return config.seconds


main()
"""
CONFIG = """\
defaults:
  - override hydra/launcher: mpi
  - override hydra/sweeper: study
  - _self_
cards: 1
seconds: 1
hydra:
  launcher:
    devices: ${{cards}}
    cards: {cards}
  sweep:
    dir: sweep
  sweeper:
    n_jobs: 0
    enqueue: []
    params:
      cards: choice(1,2,4)
      seconds: interval({shortest}, {longest})
    sampler:
      _target_: optuna.samplers.RandomSampler
      seed: {seed}
"""


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__, data=False)
    options.add_argument("--seeds", type=int, default=20, help="number of simulated searches (%(default)s)")
    options.add_argument("--trials", type=int, default=64, help="trials of a search (%(default)s)")
    options.add_argument("--real", action="store_true", help="also run a search of trials that sleep")
    options.add_argument("--seed", type=int, default=1, help="of the real search (%(default)s)")
    options.add_argument("--scale", type=float, default=3.0, help="seconds of its shortest trial (%(default)s)")
    options.add_argument("--ray", metavar="PYTHON", help="also run the search in this interpreter, by ray[tune]")
    given = options.parse_args()
    streams = [simulate(_trials(seed, given.trials), given.trials) for seed in range(given.seeds)]
    batches = [simulate(_trials(seed, given.trials), BATCH) for seed in range(given.seeds)]
    for label, found in (("one at a time", streams), (f"batches of {BATCH}", batches)):
        shares = [share for share, _ in found]
        text = f"{statistics.mean(shares):.3f} of the card-seconds busy ({min(shares):.3f} to {max(shares):.3f})"
        measure.show(label, text)
    walls = [stream / batch for (_, stream), (_, batch) in zip(streams, batches, strict=True)]
    measure.show(
        "time in all, of that of batches", f"{statistics.mean(walls):.2f} ({min(walls):.2f} to {max(walls):.2f})"
    )
    ours = _real(given.seed, given.trials, given.scale) if given.real else None
    if given.ray:
        _ray(given.ray, given.seed, given.trials, given.scale, ours)
    else:
        measure.show("Ray Tune", "not measured: --ray <python> names an interpreter with ray[tune] and optuna")
    mean = statistics.mean(share for share, _ in streams)
    measure.report(f"{GOAL} of the card-seconds busy at least", f"{mean:.3f}", mean >= GOAL)


def _trials(seed: int, count: int) -> list[tuple[int, float]]:
    """Cards and duration of each trial."""
    rng = random.Random(seed)
    return [(rng.choice((1, 2, 4)), rng.uniform(1, 10)) for _ in range(count)]


class Clock:
    """A simulated clock that advances to the next end of a trial when the scheduler has nothing to start."""

    def __init__(self) -> None:
        self.now = 0.0
        self.ends: list[float] = []
        self.has_ended = False

    def sleep(self, seconds: float) -> None:
        """Advances the clock, unless a trial has just ended."""
        if not self.has_ended:
            self.now = min((end for end in self.ends if end > self.now), default=self.now)
        self.has_ended = False

    def monotonic(self) -> float:
        """The simulated time in seconds."""
        return self.now

    time = monotonic


class Simulated:
    """A simulated process that ends at a given time."""

    last_line = ""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock, self._end = clock, clock.now + seconds
        clock.ends.append(self._end)

    def worked_seconds(self) -> float:
        return 0.0

    def silent_seconds(self) -> float:
        return 0.0

    def ended(self) -> int | None:
        if self._clock.now < self._end:
            return None
        self._clock.has_ended = True
        return 0

    def ask_to_end(self) -> None:
        """Is not called."""

    def kill(self) -> None:
        """Is not called."""


def simulate(trials: Sequence[tuple[int, float]], batch: int) -> tuple[float, float]:
    """Simulates a search.

    Args:
      trials: cards and duration in seconds of each trial.
      batch: trials of a batch; `len(trials)` to request each trial when cards are free for it.

    Returns:
      (share of busy card-seconds until the last trial starts, total time in seconds).
    """
    clock, spans = Clock(), []
    numbered = list(enumerate(trials))
    with mock.patch.object(_scheduler, "time", clock):
        for first in range(0, len(trials), batch):
            jobs = [
                Job(number, [], None, Needs(cards, cards), Path()) for number, (cards, _) in numbered[first:][:batch]
            ]
            pools = {"cards": Pool("cards", {"": range(CARDS)}, aligned=True)}

            def start(job: Job, placement: Placement) -> Simulated:
                cards, seconds = trials[job.number]
                spans.append((clock.now, clock.now + seconds, cards))
                return Simulated(clock, seconds)

            def finish(job: Job, code: int) -> None:
                job.state = State.DONE

            waiting = iter(jobs)
            feed = _scheduler.Feed(more=lambda waiting=waiting: next(waiting, None))
            known = jobs if batch < len(trials) else []
            rules = _scheduler.Rules()
            _scheduler.Scheduler(
                known, pools, start, finish, rules, lambda job: None, feed=None if known else feed
            ).run()
    return _busy(spans), max(end for _, end, _ in spans)


def _busy(spans: Sequence[tuple[float, float, int]]) -> float:
    """Share of the card-seconds until the last start that were busy."""
    first, last = min(span[0] for span in spans), max(span[0] for span in spans)
    return sum(cards * (min(end, last) - begin) for begin, end, cards in spans) / (CARDS * (last - first))


def _real(seed: int, trials: int, scale: float) -> float:
    """Runs real searches with single trials and with batches; returns the seconds of the former."""
    walls = []
    for batches in (False, True):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "program.py").write_text(PROGRAM.format(launchers=str(measure.REPOSITORY / "launchers")))
            config = CONFIG.format(cards=CARDS, shortest=scale, longest=10 * scale, seed=seed)
            (folder / "config.yaml").write_text(config)
            share, seconds = _search(folder, trials, batches)
        walls.append(seconds)
        label = f"real, batches of {BATCH}" if batches else "real, one at a time"
        measure.show(label, f"{share:.3f} of the card-seconds busy, {seconds:.0f} s in all")
    measure.show("real, of the time of batches", f"{walls[0] / walls[1]:.2f}")
    return walls[0]


def _ray(python: str, seed: int, trials: int, scale: float, ours: float | None) -> None:
    """The search of `_real` by Ray Tune, whose sampler draws the same trials."""
    if subprocess.run([python, "-c", "import ray.tune, optuna"], capture_output=True).returncode:
        measure.show("Ray Tune", f"not measured: {python} has no ray[tune] or no optuna")
        return
    with tempfile.TemporaryDirectory() as name:
        numbers = [str(number) for number in (CARDS, trials, scale, seed)]
        subprocess.run([python, RAY_PROGRAM, name, *numbers], check=True, stdout=subprocess.DEVNULL)
        spans = json.loads((Path(name) / "spans.json").read_text())
    seconds = max(end for _, end, _ in spans) - min(begin for begin, _, _ in spans)
    work = sum(cards * (end - begin) for begin, end, cards in spans) / CARDS
    text = f"{_busy(spans):.3f} of the card-seconds busy, {seconds:.0f} s in all, {work:.0f} s of work"
    measure.show("Ray Tune", text)
    if ours is not None:
        measure.show("real, one at a time, of Ray Tune's time", f"{ours / seconds:.2f}")


def _search(folder: Path, trials: int, batches: bool) -> tuple[float, float]:
    """Share of busy card-seconds until the last trial starts, and seconds from the first start to the last end."""
    command = [sys.executable, "program.py", "-m", f"hydra.sweeper.n_trials={trials}"]
    if batches:
        command.append(f"hydra.sweeper.n_jobs={BATCH}")
    environment = {**os.environ, **({"BATCHES": "1"} if batches else {})}
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env=environment)
    jobs = json.loads((folder / "sweep" / "jobs.json").read_text())["jobs"].values()
    spans = []
    for job in jobs:
        begin = time.mktime(time.strptime(job["started"], "%Y-%m-%dT%H:%M:%S"))
        spans.append((begin, begin + job["seconds"], _cards(job["placement"])))
    return _busy(spans), max(end for _, end, _ in spans) - min(begin for begin, _, _ in spans)


def _cards(placement: str) -> int:
    """The number of cards of a placement: 2 for `cards 4-5`."""
    ranges = (part.partition("-") for part in placement.split()[1].split(","))
    return sum(int(last or begin) - int(begin) + 1 for begin, _, last in ranges)


if __name__ == "__main__":
    measure.run(main)
