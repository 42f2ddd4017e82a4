"""Goal: 32 trials of 1, 2, 4 and 8 cards on 8 simulated cards end within 1.10 times the lower bound of their time.

The sweeps are real: each trial is an mpirun with a rank for each card that sleeps for a given duration. The launcher
knows the duration (`hydra.launcher.duration`), as it knows the steps of a training. The lower bound is the larger of
all card-seconds divided by 8 and the longest trial. Starting Python 120 times on few cores is part of the measurement.
Takes about five minutes.
"""

import random
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import measure

GOAL = 1.10
CARDS = 8
TRIALS = 32

PROGRAM = """\
import sys
import time

import hydra

sys.path.append({launchers!r})


@hydra.main(version_base="1.3", config_path=".", config_name="config")
def main(config):
    time.sleep(config.trial[1])
    return config.trial[1]


main()
"""
CONFIG = """\
defaults:
  - override hydra/launcher: mpi
  - _self_
trial: [1, 1]
hydra:
  launcher:
    processes: ${trial[0]}
    devices: ${trial[0]}
    duration: ${trial[1]}
"""


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__, data=False)
    options.add_argument("--seed", type=int, default=1, help="of the durations (%(default)s)")
    options.add_argument("--scale", type=float, default=1.0, help="factor of the durations (%(default)s)")
    options.add_argument("--unknown", action="store_true", help="do not tell the launcher the durations")
    given = options.parse_args()
    rng = random.Random(given.seed)
    sizes = [1] * 14 + [2] * 9 + [4] * 6 + [8] * 3
    rng.shuffle(sizes)
    trials = [(size, round(rng.uniform(6, 30) * given.scale, 1)) for size in sizes[:TRIALS]]
    bound = max(sum(size * seconds for size, seconds in trials) / CARDS, max(seconds for _, seconds in trials))
    overrides = [f"hydra.launcher.cards={CARDS}", *(["hydra.launcher.duration=0"] if given.unknown else [])]
    swept = "trial=" + ",".join(f"[{size},{seconds}]" for size, seconds in trials)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "program.py").write_text(PROGRAM.format(launchers=str(measure.REPOSITORY / "launchers")))
        (folder / "config.yaml").write_text(CONFIG)
        command = [sys.executable, "program.py", "-m", swept, *overrides]
        seconds = measure.seconds_of(lambda: subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL))
    measure.show("lower bound", f"{bound:8.1f} s")
    measure.show("sweep", f"{seconds:8.1f} s")
    measure.report(f"{GOAL} times the bound at most", f"{seconds / bound:.3f}", seconds <= GOAL * bound)


if __name__ == "__main__":
    measure.run(main)
