"""Goal: the cleaner's input pipeline makes at least 5,000 training pairs per second on two cores.

The generator that this project replaces made 48 when it was first measured. Both run in one process, in turns, on all
cores: this project's pipeline (`data.signatures.pair_pipeline`, from pools in memory) and a reimplementation of the
replaced one (`benchmarks.reference_pairs`, from PNG files). Each turn starts a new pipeline, drops its first batches
and times the next ones; a pair is a whole picture of 224x224 pixels. The rate of the default network's windows, made by
one thread, is also shown. Takes a minute and a half, and one more minute if the dataset is not cached.
"""

import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image

from benchmarks import measure
from data.parallel import usable_cores
from data.signatures.cedar import find_signatures
from data.signatures.synthetic_signatures import draw_signature
from engine.hardware.tensorflow_setup import configure_tensorflow

GOAL = 5000
FIRST_BATCHES = 4
SCANS = 96


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__)
    options.add_argument("--seconds", type=float, default=6.0, help="length of one turn (%(default)s)")
    options.add_argument("--pairs", type=int, default=5, help="turns of each pipeline (%(default)s)")
    options.add_argument("--batch-size", type=int, default=32, help="pairs in a batch (%(default)s)")
    given = options.parse_args()
    config = measure.config_of(measure.train_overrides(given))
    data = measure.load_data(config)
    configure_tensorflow(config)
    from benchmarks.reference_pairs import reference_pairs
    from data.signatures.pair_pipeline import train_pairs

    cores, size = usable_cores(), given.batch_size
    with tempfile.TemporaryDirectory() as folder:
        scans = [file.path for file in find_signatures(given.data)] if given.data else _draw_scans(Path(folder))
        ours = train_pairs(data, batch_size=size, seed=1, parallel_calls=cores)
        model = config.model
        training = train_pairs(data, batch_size=model.batch_size, seed=1, window=model.window, parallel_calls=1)
        reference = reference_pairs(scans, size, cores)
        measured = measure.in_turns(
            lambda: _pairs_a_second(ours, size, given.seconds / 3),
            lambda: _pairs_a_second(reference, size, given.seconds),
            given.pairs,
        )
    rate, reference_rate = measure.medians(measured)
    measure.show("this project", f"{rate:10,.0f} pairs/s on {cores} cores")
    rate_of_windows = _pairs_a_second(training, model.batch_size, given.seconds / 3)
    measure.show("  in training", f"{rate_of_windows:10,.0f} windows/s of {model.window}x{model.window} on one thread")
    measure.show("replaced generator", f"{reference_rate:10,.0f} pairs/s on {cores} cores")
    measure.show("ratio", f"{measure.median_ratio(measured):10,.0f} x ({measure.spread(measured)})")
    measure.report(f"{GOAL:,} pairs/s or more", f"{rate:,.0f} pairs/s", rate >= GOAL)


def _draw_scans(folder: Path) -> list[Path]:
    paths = [folder / f"{number}.png" for number in range(SCANS)]
    for number, path in enumerate(paths):
        Image.fromarray(draw_signature(1, number, 0)).save(path)
    return paths


def _pairs_a_second(dataset: Iterable, batch_size: int, seconds: float) -> float:
    """Pairs per second of a new pipeline; an old one would have made batches in advance."""
    batches = iter(dataset)
    for _ in range(FIRST_BATCHES):
        next(batches)
    count, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < seconds:
        next(batches)
        count += 1
    return count * batch_size / passed


if __name__ == "__main__":
    measure.run(main)
