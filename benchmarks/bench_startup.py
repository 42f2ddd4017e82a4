"""Goals for the time from the start of the program to its work:

- `--help` and a rejected config take at most 1.5 times as long as a bare Hydra program with the same arguments.
- From the start of train.py to the end of its first training step, it takes at most 2.5 times as long as
  `import tensorflow`, for a small cached dataset.

The script times whole processes, in turns, without the first of each. The first step ends when run.json records it: the
engine writes the file after each of Orbit's loops, here of one step. Takes two to three minutes.
"""

import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import measure
from engine.runs.run_folder import read_metadata

COMMAND_GOAL = 1.5
FIRST_STEP_GOAL = 2.5

BARE_PROGRAM = """\
import hydra

@hydra.main(version_base="1.3", config_path=".", config_name="config")
def main(config):
    pass

main()
"""
WRONG_OVERRIDE = "trainer.train_stpes=1"

SMALL_DATASET = (
    *("dataset=synthetic", "dataset.writers=4", "dataset.held_out_writers=1", "dataset.samples_per_writer=4"),
    *("dataset.variants=1", "dataset.noise_layers=8"),
)


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__, data=False)
    options.add_argument("--pairs", type=int, default=7, help="turns of each program (%(default)s)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bare.py").write_text(BARE_PROGRAM)
        (folder / "config.yaml").write_text("seed: 1\n")
        commands = {"--help": ["--help"], "rejected config": [WRONG_OVERRIDE]}
        ratios = [_compare_command(label, arguments, folder, given.pairs) for label, arguments in commands.items()]
        runs = (folder / f"run-{number}" for number in itertools.count())
        measured = _compare(lambda: _first_step(next(runs), folder, given.overrides), _import_tensorflow, given.pairs)
        first_step = _show("first training step", "import tensorflow", measured)
    worst = max(ratios)
    measure.report(f"{COMMAND_GOAL} times a bare Hydra program at most", f"{worst:.2f}", worst <= COMMAND_GOAL)
    met = first_step <= FIRST_STEP_GOAL
    measure.report(f"{FIRST_STEP_GOAL} times `import tensorflow` at most", f"{first_step:.2f}", met)


def _compare_command(label: str, arguments: list[str], folder: Path, pairs: int) -> float:
    code = 0 if arguments == ["--help"] else 1
    ours = [sys.executable, "train.py", *arguments]
    bare = [sys.executable, "bare.py", *arguments]
    measured = _compare(
        lambda: _seconds_of_process(ours, measure.REPOSITORY, code),
        lambda: _seconds_of_process(bare, folder, code),
        pairs,
    )
    return _show(label, "  bare Hydra program", measured)


def _compare(first: Callable[[], float], second: Callable[[], float], pairs: int) -> list[tuple[float, float]]:
    first(), second()  # fills the caches of files and bytecode
    return measure.in_turns(first, second, pairs)


def _show(first: str, second: str, measured: list[tuple[float, float]]) -> float:
    """Prints both medians and their ratio; returns the ratio."""
    for label, seconds in zip((first, second), measure.medians(measured), strict=True):
        measure.show(label, f"{seconds:8.2f} s")
    ratio = measure.median_ratio(measured)
    measure.show("  ratio", f"{ratio:8.2f} ({measure.spread(measured)})")
    return ratio


def _seconds_of_process(command: list[str], folder: Path, code: int = 0) -> float:
    def work() -> None:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=_environment())
        if done.returncode != code:
            raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr[-500:]}")

    return measure.seconds_of(work)


def _environment() -> dict[str, str]:
    """Environment variables as train.py sets them; bytecode is cached, as it is by default."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}


def _import_tensorflow() -> float:
    return _seconds_of_process([sys.executable, "-c", "import tensorflow"], measure.REPOSITORY)


def _first_step(run: Path, folder: Path, arguments: list[str]) -> float:
    """Starts train.py, stops it after its first step, and returns the seconds until that step's end."""
    arguments = [*SMALL_DATASET, f"dataset.cache_dir={folder / 'cache'}", "trainer.steps_per_loop=1", *arguments]
    started = time.time()
    process = subprocess.Popen(
        [sys.executable, "train.py", *arguments, f"run_dir={run}"],
        cwd=measure.REPOSITORY,
        stdout=subprocess.DEVNULL,
        env=_environment(),
    )
    try:
        while "train_seconds" not in read_metadata(run):
            if process.poll() is not None:
                raise RuntimeError(f"train.py ended with {process.returncode} before its first step")
            time.sleep(0.02)
        return (run / "run.json").stat().st_mtime - started
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    measure.run(main)
