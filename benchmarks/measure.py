"""Functions that the benchmarks share: configs, datasets, paired measurements, output.

A result is the ratio of two programs that are measured in turns in one run, so that other load slows both. This module
does not import TensorFlow, and the scripts import it late, because the processes that build a dataset's cache import
the script.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException

from data.errors import UserError
from engine.cli.explanations import explain
from engine.config import Config
from engine.resolvers import register_resolvers
from engine.runs import run_settings
from engine.validation import accept_config
from models.task import Data

REPOSITORY = Path(__file__).resolve().parents[1]

_LABEL_WIDTH = 36


def run(main: Callable[[], None]) -> None:
    """Runs a script. An error of its user ends it with the lines that `train.py` prints, and with exit code 1."""
    try:
        main()
    except (UserError, HydraException) as error:
        sys.exit("\n".join(explain(error)))


def parser(about: str | None, data: bool = True) -> argparse.ArgumentParser:
    """A parser that shows the script's docstring and takes overrides and, if `data`, a dataset and a cache folder."""
    options = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("overrides", nargs="*", metavar="key=value", help="further overrides, as for train.py")
    if data:
        cache = REPOSITORY / "data" / "cache"
        options.add_argument("--data", type=Path, help="folder that holds CEDAR's signatures/ (default: draw them)")
        options.add_argument(
            "--cache", type=Path, default=cache, help="folder for derived arrays (default: data/cache)"
        )
    return options


def train_overrides(given: argparse.Namespace) -> list[str]:
    """The overrides of train.py for the arguments of `parser`."""
    if any(override.startswith("dataset=") for override in given.overrides):
        return [f"dataset.cache_dir='{given.cache.resolve()}'", *given.overrides]
    overrides = (
        ["dataset=synthetic"] if given.data is None else ["dataset=cedar", f"dataset.root='{given.data.resolve()}'"]
    )
    return [*overrides, f"dataset.cache_dir='{given.cache.resolve()}'", *given.overrides]


def config_of(overrides: list[str]) -> Config:
    """The config that `python train.py <overrides>` accepts."""
    register_resolvers()
    run_settings.register()
    with initialize_config_dir(version_base="1.3", config_dir=str(REPOSITORY / "conf")):
        return accept_config(compose("config", overrides=overrides))


def load_data(config: Config) -> Data:
    """Loads the config's dataset, and prints its name, because building a new dataset takes a minute or more."""
    show("dataset", config.dataset.name)
    data: Data = config.task.load_data(config.dataset, config.model)
    return data


def seconds_of(work: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def in_turns(first: Callable[[], float], second: Callable[[], float], pairs: int) -> list[tuple[float, float]]:
    """Measures two programs in turns, A B B A A B ..., so that a slow drift of the machine favours neither.

    Args:
      first, second: each measures once and returns the number.
      pairs: measurements of each.

    Returns:
      (first, second) of each pair.
    """
    measured = []
    for number in range(pairs):
        if number % 2:
            after = second()
            measured.append((first(), after))
        else:
            measured.append((first(), second()))
    return measured


def median_ratio(measured: Sequence[tuple[float, float]]) -> float:
    """The median of first / second over the pairs."""
    return statistics.median(first / second for first, second in measured)


def medians(measured: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """(median of the first numbers, median of the second numbers)."""
    firsts, seconds = zip(*measured, strict=True)
    return statistics.median(firsts), statistics.median(seconds)


def spread(measured: Sequence[tuple[float, float]]) -> str:
    """The quartiles of the ratios as text."""
    ratios = [first / second for first, second in measured]
    low, _, high = statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
    return f"half of {len(ratios)} pairs from {low:.3f} to {high:.3f}"


def show(label: str, text: str) -> None:
    """Prints one aligned line."""
    print(f"{label:<{_LABEL_WIDTH}} {text}", flush=True)


def report(goal: str, measured: str, met: bool) -> None:
    """Prints the goal and whether it was met."""
    print(f"goal {goal}: measured {measured} ({'met' if met else 'missed'})", flush=True)
