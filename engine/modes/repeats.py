"""`trainer.repeats`: one config with several seeds, and the mean and spread of its metrics."""

import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher.links import point_link
from hydra_plugins.mpi_launcher.text import clock, shown_path

from data.errors import UserError
from engine.config import Config
from engine.console import Console
from engine.hardware import cluster
from engine.overrides import Overrides
from engine.runs.origin import origin
from engine.runs.run_folder import read_metadata, RunFolder
from engine.training.endings import Interrupted
from engine.training.goal import Goal, Metrics
from engine.validation import changed

_NOT_AVERAGED = ("step",)
_OF_ONE_REPEAT = ("seed", "run_dir", "export_dir", "trainer.repeats")
"""Keys whose overrides apply to all repeats together."""


def train_repeats(config: Config, overrides: list[str], train_one: Callable[[Config, list[str]], Any]) -> float:
    """Trains `<run_dir>/seed_<n>` for `trainer.repeats` seeds from `seed` on, one after the other.

    Seeds that are done are skipped. `<run_dir>/run.json` gets the means as `metrics` and `history`, the standard
    deviations as `spreads`, and that of `task.metric` as `spread`; `export` links to the export of the best repeat.

    Args:
      config: accepted.
      overrides: of the command line.
      train_one: trains the run of a config and its overrides.

    Returns:
      The mean of `task.metric`.

    Raises:
      UserError: mpirun has already started several ranks, which can train only one run.
    """
    if cluster.size() > 1:
        raise UserError(
            "trainer.repeats",
            "a trial of several ranks trains one run",
            (f"sweep the seed:  seed=range({config.seed},{config.seed + config.trainer.repeats})",),
        )
    base, metric = Path(config.run_dir), config.task.metric
    run, console = RunFolder(base), Console()
    run.acquire()
    run.record_config(config, overrides)
    run.update(**origin(), status="running", task=config.task.name)
    done: list[dict[str, Any]] = []
    try:
        for seed in range(config.seed, config.seed + config.trainer.repeats):
            folder = base / f"seed_{seed}"
            if read_metadata(folder).get("status") != "done":
                train_one(_one(config, seed, folder), _overrides_of_one(overrides, seed))
                _forget_networks()
            done.append({"seed": seed, "folder": folder, "metadata": read_metadata(folder)})
    except (KeyboardInterrupt, Interrupted):
        run.update(status="interrupted")
        raise
    except Exception:
        run.update(status="failed")
        raise
    best = (max if Goal.of(config).higher_is_better else min)(
        done, key=lambda each: each["metadata"]["metrics"][metric]
    )
    point_link(Path(config.export_dir), best["folder"] / "export")
    values = [each["metadata"]["metrics"] for each in done]
    means, spreads = mean_of(values), spread_of(values)
    run.update(
        status="done",
        outcome="done",
        metrics=means,
        spread=spreads[metric],
        spreads=spreads,
        history=mean_history([each["metadata"]["history"] for each in done]),
        seconds=round(sum(each["metadata"]["seconds"] for each in done), 1),
        examples_per_second=round(statistics.fmean(each["metadata"]["examples_per_second"] for each in done), 1),
        repeats=[{"seed": each["seed"], "metrics": each["metadata"]["metrics"]} for each in done],
    )
    each = ", ".join(f"{one[metric]:.4f}" for one in values)
    name = config.task.label(metric)
    console.line("repeats", f"{name} {means[metric]:.4f} ± {spreads[metric]:.4f} · {len(done)} seeds: {each}")
    console.line(
        "model", f"{shown_path(config.export_dir)}   (seed {best['seed']}) · {clock(run.metadata['seconds'])} in all"
    )
    return means[metric]


def mean_of(metrics: list[Metrics]) -> Metrics:
    """The mean of each metric that all have."""
    return {name: statistics.fmean(each[name] for each in metrics) for name in _names(metrics)}


def spread_of(metrics: list[Metrics]) -> Metrics:
    """The sample standard deviation of each metric that all have; 0 for a single one."""
    values = {name: [each[name] for each in metrics] for name in _names(metrics)}
    return {name: statistics.stdev(of) if len(of) > 1 else 0.0 for name, of in values.items()}


def mean_history(histories: list[list[Metrics]]) -> list[Metrics]:
    """The mean at each step at which all were evaluated."""
    by_step = [{entry["step"]: entry for entry in history} for history in histories]
    steps = [step for step in by_step[0] if all(step in each for each in by_step)]
    return [{"step": step, **mean_of([each[step] for each in by_step])} for step in steps]


def _names(metrics: list[Metrics]) -> list[str]:
    return [name for name in metrics[0] if name not in _NOT_AVERAGED and all(name in each for each in metrics)]


def _one(config: Config, seed: int, folder: Path) -> Config:
    places = {"run_dir": str(folder), "export_dir": str(folder / "export")}
    return changed(config, {"seed": seed, **places, "trainer.repeats": 1})


def _overrides_of_one(overrides: list[str], seed: int) -> list[str]:
    return [*Overrides(overrides).without(*_OF_ONE_REPEAT), f"seed={seed}"]


def _forget_networks() -> None:
    """Clears the names and states of earlier networks in Keras, unless TensorFlow runs in other processes."""
    if "tensorflow" in sys.modules:
        import tensorflow as tf

        tf.keras.backend.clear_session()
