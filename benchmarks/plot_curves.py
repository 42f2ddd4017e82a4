"""Draws a validation metric against minutes of training, of runs and of chains of runs, as a picture for the README.

  python benchmarks/plot_curves.py docs/curve.png "from scratch=outputs/a" "pre-trained=outputs/b,outputs/c"

A chain is drawn from its last run, after the minutes of those before it.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt

from engine.run_folder import read_facts


def main() -> None:
    """Draws."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("picture", type=Path, help="file to write")
    options.add_argument("runs", nargs="+", metavar="name=run[,run...]", help="name and folders of each curve")
    options.add_argument("--metric", default="AP50", help="of the evaluations (%(default)s)")
    given = options.parse_args()
    figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for entry in given.runs:
        name, _, folders = entry.partition("=")
        *before, last = (read_facts(Path(folder)) for folder in folders.split(","))
        start = sum(facts["seconds"] for facts in before)
        history = last["history"]
        minutes = [(start + point["seconds"]) / 60 for point in history]
        axes.plot(minutes, [point[given.metric] for point in history], marker="o", label=name)
    axes.set(xlabel="minutes of two cores", ylabel=given.metric, ylim=(0, 1), xlim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(given.picture, dpi=110)
    print(f"written: {given.picture}")


if __name__ == "__main__":
    main()
