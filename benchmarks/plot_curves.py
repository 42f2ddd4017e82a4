"""Plots a validation metric of runs and of chains of runs against minutes of training, for the docs.

  python benchmarks/plot_curves.py docs/curve.png "from scratch=outputs/a" "pre-trained=outputs/b,outputs/c"

A chain is measured on the data of its last run: the runs before it are evaluated on that data at each checkpoint that
they have kept (`trainer.max_to_keep=100` keeps all).
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from data.commands import override
from engine.hardware.tensorflow_setup import configure_tensorflow
from engine.option_files import CONF
from engine.overrides import CommandLine
from engine.resolvers import register_resolvers
from engine.runs import run_settings
from engine.runs.resume import with_settings_of_run
from engine.runs.run_folder import read_metadata
from engine.validation import accept_config

Point = tuple[float, float]
"""(minutes, metric)."""


def main() -> None:
    """Draws the plot."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("picture", type=Path, help="file to write")
    options.add_argument("runs", nargs="+", metavar="name=run[,run...]", help="name and folders of each curve")
    options.add_argument("--metric", default="AP50", help="validation metric (%(default)s)")
    options.add_argument(
        "--rate",
        type=float,
        help="examples per second of an idle machine, for runs on a busy one (default: recorded time)",
    )
    given = options.parse_args()
    register_resolvers()
    run_settings.register()
    figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for entry in given.runs:
        name, _, folders = entry.partition("=")
        points = curve([Path(folder) for folder in folders.split(",")], given.metric, given.rate)
        axes.plot(*zip(*points, strict=True), marker="o", markersize=4, label=name)
        print(name, *(f"{minutes:.1f}:{value:.3f}" for minutes, value in points))
    axes.set(xlabel="minutes of training on two cores", ylabel=given.metric, ylim=(0, 1), xlim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(given.picture, dpi=110)
    print(f"written: {given.picture}")


def curve(chain: list[Path], metric: str, rate: float | None) -> list[Point]:
    """The points of a chain of runs."""
    *before, last = chain
    points, start = [], 0.0
    for run in before:
        metadata, config = read_metadata(run), config_of(run)
        seconds = {entry["step"]: seconds_of(entry, config, rate) for entry in metadata["history"]}
        config.dataset = config_of(last).dataset
        found = evaluate_checkpoints(run, config, metric)
        points += [((start + seconds[step]) / 60, value) for step, value in found.items() if step in seconds]
        start += max(seconds.values())
    config = config_of(last)
    history = read_metadata(last)["history"]
    return points + [((start + seconds_of(entry, config, rate)) / 60, entry[metric]) for entry in history]


def config_of(run: Path) -> DictConfig:
    """The config of a run, also of an older version, as `mode=eval run_dir=<run>` reads it."""
    line = with_settings_of_run(CommandLine.read(["mode=eval", override("run_dir", run.resolve())]))
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", line.texts)


def seconds_of(entry: dict[str, float], config: DictConfig, rate: float | None) -> float:
    """Seconds of training until an evaluation."""
    return entry["step"] * config.model.batch_size / rate if rate else entry["seconds"]


def evaluate_checkpoints(run: Path, config: DictConfig, metric: str) -> dict[int, float]:
    """Step -> metric of each checkpoint that a run has kept."""
    accepted = accept_config(config)
    configure_tensorflow(accepted)
    serving = accepted.task.serving(accepted.model)
    data = accepted.task.load_data(accepted.dataset, accepted.model)
    found = {}
    for file in (run / "checkpoints").glob("ckpt-*.index"):
        with tempfile.TemporaryDirectory() as scratch:
            export = Path(scratch, "export")
            serving.export(str(file.with_suffix("")), export)
            found[int(file.stem.split("-")[1])] = serving.evaluate(export, data, lambda done, text: None)[metric]
    return dict(sorted(found.items()))


if __name__ == "__main__":
    main()
