"""Goal: training a cleaner takes less than 2.5 GB of memory.

Runs train.py as a user does: worker processes draw the dataset, then follow a few steps of the default network,
evaluation, pictures and export. The result is the larger of two numbers: the peak of train.py itself, counted by the
kernel, and the peak of train.py with its workers, sampled every 50 ms, with shared pages counted twice. `--warm` uses
the cached dataset. Takes two minutes; with CEDAR, whose cache is larger, twenty.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil

from benchmarks import measure

GOAL = 2.5
GB = 1e9


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__)
    options.add_argument("--warm", action="store_true", help="take the dataset from its cache")
    options.add_argument("--steps", type=int, default=60, help="training steps (%(default)s)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not given.warm:
            given.cache = Path(folder, "cache")
        overrides = [*measure.train_overrides(given), f"trainer.train_steps={given.steps}", f"run_dir='{folder}/run'"]
        command = [sys.executable, "train.py", *overrides]
        with open(Path(folder, "output"), "w+") as output:
            process = subprocess.Popen(command, cwd=measure.REPOSITORY, stdout=output, stderr=subprocess.STDOUT)
            alone, together, workers = _watch(process)
            if process.returncode:
                output.seek(0)
                raise RuntimeError(f"train.py ended with {process.returncode}:\n{output.read()[-2000:]}")
        exported = Path(folder, "run", "export", "saved_model.pb").is_file()
    measure.show("train.py", f"{alone / GB:6.2f} GB (export {'written' if exported else 'missing'})")
    measure.show("train.py with its workers", f"{together / GB:6.2f} GB (up to {workers} processes below it)")
    worst = max(alone, together) / GB
    measure.report(f"less than {GOAL} GB", f"{worst:.2f} GB", worst < GOAL)


def _watch(process: subprocess.Popen) -> tuple[int, int, int]:
    """Waits for a process; returns its peak bytes, those of its tree, and the largest number of children."""
    root, together, children = psutil.Process(process.pid), 0, 0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            unit = 1 if sys.platform == "darwin" else 1024
            return usage.ru_maxrss * unit, together, children
        tree = _tree(root)
        together, children = max(together, sum(tree)), max(children, len(tree) - 1)
        time.sleep(0.05)


def _tree(root: psutil.Process) -> list[int]:
    """Resident bytes of a process and of each living descendant."""
    sizes = []
    try:
        for process in [root, *root.children(recursive=True)]:
            sizes.append(process.memory_info().rss)
    except psutil.NoSuchProcess:
        pass
    return sizes


if __name__ == "__main__":
    measure.run(main)
