"""Goal: in a search on 8 pretended cards 0.95 of all card-seconds are busy until the last trial starts.

64 trials of one, two and four cards, whose durations differ by ten times, once asked for one at a time and once in
batches of 8, which is all that Hydra's interface of launchers, and hydra-optuna-sweeper with it, can do. A trial
sleeps, and the launcher does not know for how long. Takes some fifteen minutes.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import measure

GOAL = 0.95
CARDS, BATCH = 8, 8

PROGRAM = """\
import os
import sys
import time

sys.path.append({launchers!r})

import hydra

if os.environ.get("BATCHES"):
    from hydra_plugins.optuna_study import _sweep

    _sweep.MpiLauncher = type(None)  # no launcher is one that takes trials one at a time


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
    options.add_argument("--seed", type=int, default=1, help="of cards and durations (%(default)s)")
    options.add_argument("--trials", type=int, default=64, help="in all (%(default)s)")
    options.add_argument("--scale", type=float, default=3.0, help="seconds of the shortest trial (%(default)s)")
    given = options.parse_args()
    shares, walls = [], []
    for batches in (False, True):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "program.py").write_text(PROGRAM.format(launchers=str(measure.REPOSITORY / "launchers")))
            config = CONFIG.format(cards=CARDS, shortest=given.scale, longest=10 * given.scale, seed=given.seed)
            (folder / "config.yaml").write_text(config)
            share, seconds = _search(folder, given.trials, batches)
        shares.append(share)
        walls.append(seconds)
        label = f"batches of {BATCH}" if batches else "one at a time"
        measure.show(label, f"{share:.3f} of the card-seconds busy, {seconds:.0f} s in all")
    measure.show("wall time, of that of batches", f"{walls[0] / walls[1]:.2f}")
    measure.report(f"{GOAL} of the card-seconds busy at least", f"{shares[0]:.3f}", shares[0] >= GOAL)


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
    first, last = min(span[0] for span in spans), max(span[0] for span in spans)
    busy = sum(cards * (min(end, last) - begin) for begin, end, cards in spans)
    return busy / (CARDS * (last - first)), max(end for _, end, _ in spans) - first


def _cards(placement: str) -> int:
    """2 of `cards 4-5`."""
    ranges = (part.partition("-") for part in placement.split()[1].split(","))
    return sum(int(last or begin) - int(begin) + 1 for begin, _, last in ranges)


if __name__ == "__main__":
    main()
