"""Goal: a training step through the engine costs at most 2 % more than the same network in a bare `tf.function` loop.

The default network, with the configured batch, number format, optimizer and schedule, is trained twice in one process:
by `engine.training.loop` as train.py drives it (tf-models' trainer, Orbit's controller, curves every
`trainer.steps_per_loop` steps, run.json, progress bar), and by `benchmarks.bare_loop`. They take turns of one such loop
each; the result is the median over pairs of turns. No evaluation and no checkpoint falls into a turn. Takes two to four
minutes, and once another minute to make the dataset's cache.
"""

import contextlib
import os
import sys
import tempfile
from pathlib import Path
from typing import TextIO

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.workload import Data, Workload

from benchmarks import measure
from engine.console import Console
from engine.hardware.tensorflow_setup import compute_dtype, configure_tensorflow
from engine.runs.run_folder import RunFolder

GOAL = 0.02
NEVER = 10**6


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__)
    options.add_argument("--pairs", type=int, default=30, help="turns of each loop (%(default)s)")
    options.add_argument("--no-bar", action="store_true", help="progress as a file gets it, not a terminal")
    given = options.parse_args()
    words = [*measure.train_words(given), f"trainer.validation_interval={NEVER}", f"trainer.train_steps={NEVER}"]
    config = measure.config_of(words)
    workload, data = measure.load_data(config)
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as void:
        run = RunFolder(folder)
        run.acquire()
        run.log_to_file("train")
        configure_tensorflow(config)
        from benchmarks.bare_loop import BareLoop

        engine = EngineLoop(workload, data, run, _console(void, bar=not given.no_bar))
        bare = BareLoop(workload, data)
        steps = engine.steps_of_turn
        engine.turn(), bare.run(steps)  # traces, and warms up
        measured = measure.in_turns(
            lambda: measure.seconds_of(engine.turn) / steps,
            lambda: measure.seconds_of(lambda: bare.run(steps)) / steps,
            given.pairs,
        )
    engine_step, bare_step = measure.medians(measured)
    more = measure.median_ratio(measured) - 1
    measure.show("network", f"{config.model.name}, batches of {bare.batch_size}, {compute_dtype(config)}")
    measure.show("step through the engine", f"{engine_step * 1000:8.2f} ms")
    measure.show("step of the bare loop", f"{bare_step * 1000:8.2f} ms")
    measure.show("ratio", f"{1 + more:8.3f} ({measure.spread(measured)})")
    measure.verdict(f"{GOAL:.0%} more at most", f"{more:+.1%}", more <= GOAL)


def _console(void: TextIO, bar: bool) -> Console:
    """A console that writes to nobody, with the progress bar of a terminal or the lines of a file."""
    if bar:
        os.environ["FORCE_COLOR"] = "1"  # rich takes anything for a terminal then
    with contextlib.redirect_stdout(void):
        return Console()


class TurnEnds(Exception):
    """Ends a turn from within the loop's progress callback."""


class EngineLoop:
    """The engine's training loop, a turn at a time.

    Args:
      workload: of a composed config.
      data: the dataset.
      run: the folder.
      console: shows the progress.
    """

    def __init__(self, workload: Workload, data: Data, run: RunFolder, console: Console) -> None:
        from engine.accelerators import build_strategy

        from engine.training.experiment import experiment_config
        from engine.training.loop import Goal, TrainingLoop

        self._console = console
        config = workload.config
        params = experiment_config(config, workload.task_config())
        task = workload.build_task(params, data, first_step=0)
        self._loop = TrainingLoop(
            run,
            task,
            params,
            build_strategy(config),
            Goal(config.task.metric, True),
            NEVER,
            self._progress,
            lambda *_: None,
        )
        self.steps_of_turn = config.trainer.steps_per_loop + 1  # what follows a loop comes before the next one's step

    def turn(self) -> None:
        """Trains one of Orbit's loops, what follows it, and the first step of the next one."""
        self._last_step = self._loop.step + self.steps_of_turn
        with self._console.progress("train", NEVER, self._loop.step) as self._update, contextlib.suppress(TurnEnds):
            self._loop.run()

    def _progress(self, step: int, loss: float | None, rate: float) -> None:
        self._update(step, f"{rate:.0f} examples/s" + (f" · loss {loss:.4f}" if loss is not None else ""))
        if step == self._last_step:
            raise TurnEnds


if __name__ == "__main__":
    main()
