"""Goal: a training step through the engine costs at most 2 % more than the same network in a bare `tf.function` loop.

The default network is trained twice in one process with the configured batch, number format, optimizer and schedule:
by `engine.training.loop` as train.py uses it (tf-models' trainer, Orbit's controller, curves every
`trainer.steps_per_loop` steps, run.json, progress bar), and by `benchmarks.bare_loop`. They take turns of
`trainer.steps_per_loop` steps; the result is the median over pairs of turns. Turns contain no evaluation and no
checkpoint. Takes two to four minutes, and one more minute if the dataset is not cached.
"""

import contextlib
import os
import sys
import tempfile
from pathlib import Path
from typing import TextIO

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import measure
from engine.config import Config
from engine.console import Console
from engine.hardware.tensorflow_setup import configure_tensorflow
from engine.runs.run_folder import RunFolder
from models.task import Data

GOAL = 0.02
NEVER = 10**6


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__)
    options.add_argument("--pairs", type=int, default=30, help="turns of each loop (%(default)s)")
    options.add_argument("--no-bar", action="store_true", help="report progress as in a file, not as in a terminal")
    given = options.parse_args()
    overrides = [
        *measure.train_overrides(given),
        f"trainer.validation_interval={NEVER}",
        f"trainer.train_steps={NEVER}",
    ]
    config = measure.config_of(overrides)
    data = measure.load_data(config)
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as void:
        run = RunFolder(folder)
        run.acquire()
        run.log_to_file("train")
        configure_tensorflow(config)
        from benchmarks.bare_loop import BareLoop

        engine = EngineLoop(config, data, run, _console(void, bar=not given.no_bar))
        bare = BareLoop(config, data)
        steps = engine.steps_of_turn
        engine.turn(), bare.run(steps)  # traces the functions, and warms up
        measured = measure.in_turns(
            lambda: measure.seconds_of(engine.turn) / steps,
            lambda: measure.seconds_of(lambda: bare.run(steps)) / steps,
            given.pairs,
        )
    engine_step, bare_step = measure.medians(measured)
    more = measure.median_ratio(measured) - 1
    measure.show("network", f"{config.model.name}, batches of {bare.batch_size}, {config.hardware.compute_dtype}")
    measure.show("step through the engine", f"{engine_step * 1000:8.2f} ms")
    measure.show("step of the bare loop", f"{bare_step * 1000:8.2f} ms")
    measure.show("ratio", f"{1 + more:8.3f} ({measure.spread(measured)})")
    measure.report(f"{GOAL:.0%} more at most", f"{more:+.1%}", more <= GOAL)


def _console(void: TextIO, bar: bool) -> Console:
    """A console whose output is discarded, with the progress bar of a terminal or the lines of a file."""
    if bar:
        os.environ["FORCE_COLOR"] = "1"  # makes rich treat any file as a terminal
    with contextlib.redirect_stdout(void):
        return Console()


class TurnEnds(Exception):
    """Ends a turn from within the loop's progress callback."""


class EngineLoop:
    """The engine's training loop, run turn by turn.

    Args:
      config: accepted.
      data: the dataset.
      run: the folder of the run.
      console: shows the progress.
    """

    def __init__(self, config: Config, data: Data, run: RunFolder, console: Console) -> None:
        from engine.hardware.strategy import build_strategy
        from engine.training.callback import Callback
        from engine.training.callbacks.progress import ShowProgress
        from engine.training.callbacks.record import Record
        from engine.training.experiment import experiment_config
        from engine.training.goal import Goal
        from engine.training.loop import TrainingLoop

        class EndTurn(Callback):
            def on_step(_, state) -> None:
                if state.step == self._last_step:
                    raise TurnEnds

        self._console = console
        training = config.task.training(config.dataset, config.model)
        params = experiment_config(config, training.task_config())
        task = training.build_task(params, data, seed=config.seed, first_step=0)
        progress = ShowProgress(lambda *shown: self._update(*shown), config.task.unit, config.task.metric)
        self._loop = TrainingLoop(
            run,
            task,
            params,
            build_strategy(config.hardware),
            Goal.of(config),
            NEVER,
            [Record(), progress, EndTurn()],
        )
        self.steps_of_turn = config.trainer.steps_per_loop + 1  # with the work between two loops

    def turn(self) -> None:
        """Runs one of Orbit's loops, the work after it, and the first step of the next loop."""
        self._last_step = self._loop.state.step + self.steps_of_turn
        with (
            self._console.progress("train", NEVER, self._loop.state.step) as self._update,
            contextlib.suppress(TurnEnds),
        ):
            self._loop.run()


if __name__ == "__main__":
    measure.run(main)
