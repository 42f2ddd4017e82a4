"""Goal: the overhead of a trial is at most that of hydra-submitit-launcher's local executor.

Both launchers run sweeps of trials that do nothing, one after the other, in turns. The time of a trial is the
difference between a sweep of several trials and of one, divided by the difference in their number. Needs
`pip install hydra-submitit-launcher`. Takes two minutes.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import measure

MANY = 6

PROGRAM = """\
import hydra


@hydra.main(version_base="1.3", config_path=".", config_name="config")
def main(config):
    return 0


main()
"""
LAUNCHERS = {
    "mpi": ["hydra/launcher=mpi", "hydra.launcher.slots=1"],
    "submitit_local": ["hydra/launcher=submitit_local", "hydra.sweeper.max_batch_size=1"],
}


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__, data=False)
    options.add_argument("--pairs", type=int, default=4, help="turns of each launcher (%(default)s)")
    given = options.parse_args()
    if importlib.util.find_spec("submitit") is None:
        sys.exit("error: the launcher to compare with is missing: pip install hydra-submitit-launcher")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "program.py").write_text(PROGRAM)
        (folder / "config.yaml").write_text("x: 0\n")
        measured = measure.in_turns(
            lambda: _seconds_a_trial(folder, "mpi"), lambda: _seconds_a_trial(folder, "submitit_local"), given.pairs
        )
    ours, theirs = measure.medians(measured)
    measure.show("mpi, a trial", f"{ours:8.2f} s")
    measure.show("submitit_local, a trial", f"{theirs:8.2f} s")
    ratio = measure.median_ratio(measured)
    measure.show("ratio", f"{ratio:8.2f} ({measure.spread(measured)})")
    measure.report("submitit's cost at most", f"{ratio:.2f} of it", ratio <= 1)


def _seconds_a_trial(folder: Path, launcher: str) -> float:
    def sweep(trials: int) -> float:
        values = ",".join(map(str, range(trials)))
        command = [sys.executable, "program.py", "-m", f"x={values}", *LAUNCHERS[launcher]]
        return measure.seconds_of(lambda: _run(command, folder))

    return (sweep(MANY) - sweep(1)) / (MANY - 1)


def _run(command: list[str], folder: Path) -> None:
    """Runs a command with both launchers on the path, because Hydra loads all plugins in every trial."""
    environment = {**os.environ, "PYTHONPATH": str(measure.REPOSITORY / "launchers")}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr[-500:]}")


if __name__ == "__main__":
    measure.run(main)
