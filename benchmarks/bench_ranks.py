"""Goal: two CPU ranks (`hardware=cpu2`) train at least 0.9 times as many images per second as one process on two cores.

The default network is trained through train.py, in turns. The rate is that of run.json at the end, without
evaluations. The global batch is the same; each of two ranks takes half of it. Takes three minutes, and one more minute
if the dataset is not cached.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import measure
from engine.runs.run_folder import read_metadata

GOAL = 0.9


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__)
    options.add_argument("--pairs", type=int, default=3, help="turns of each (%(default)s)")
    options.add_argument("--steps", type=int, default=300, help="training steps of a turn (%(default)s)")
    given = options.parse_args()
    overrides = [*measure.train_overrides(given), f"trainer.train_steps={given.steps}", "trainer.image_summaries=0"]
    batch = measure.config_of(overrides).model.batch_size
    with tempfile.TemporaryDirectory() as name:
        folder, turns = Path(name), iter(range(1000))

        def rate(*more: str) -> float:
            run = folder / str(next(turns))
            command = [sys.executable, "train.py", *overrides, *more, f"run_dir={run}"]
            subprocess.run(command, cwd=measure.REPOSITORY, check=True, stdout=subprocess.DEVNULL)
            return read_metadata(run)["examples_per_second"]

        measured = measure.in_turns(
            lambda: rate("hardware=cpu2", f"model.batch_size={batch // 2}"), lambda: rate("hardware=cpu"), given.pairs
        )
    two, one = measure.medians(measured)
    measure.show("two ranks", f"{two:8.1f} images/s")
    measure.show("one process", f"{one:8.1f} images/s")
    ratio = measure.median_ratio(measured)
    measure.show("ratio", f"{ratio:8.3f} ({measure.spread(measured)})")
    measure.report(f"{GOAL} or more", f"{ratio:.3f}", ratio >= GOAL)


if __name__ == "__main__":
    measure.run(main)
