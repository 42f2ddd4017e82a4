"""Loads the dataset of a run and reports progress on the console."""

import contextlib
import time
from typing import Any

from hydra_plugins.mpi_launcher.text import clock

from data.parallel import Progress
from engine.config import Config
from engine.console import Console, Update
from models.task import Data


def load_data(config: Config, console: Console) -> Data:
    """Reads or makes the dataset, shows progress, and reports its size and what it skips.

    Raises:
      UserError: it does not exist, or too much of it is bad.
    """
    started = time.monotonic()
    with contextlib.ExitStack() as stages:

        def progress(name: str) -> Progress:
            stages.close()
            bar: list[Update] = []

            def update(done: int, total: int) -> None:
                if not bar:
                    bar.append(stages.enter_context(console.progress("cache", total)))
                bar[0](done, name)

            return update

        data: Any = config.task.load_data(config.dataset, config.model, progress)
    seconds = time.monotonic() - started
    report = config.task.report(config.dataset, config.model)
    text = report.describe_data(data)
    console.line("data", text + (f" · cache built in {clock(seconds)}" if seconds > 3 else ""))
    for label, line in [*config.dataset.split_lines(), *report.data_notes(data)]:
        console.line(label, line)
    if left_out := config.dataset.left_out():
        console.line("left out", left_out)
    for name, reason in data.bad[:5]:
        console.line("skipped", f"{name}: {reason}")
    if len(data.bad) > 5:
        console.line("skipped", f"and {len(data.bad) - 5} more; all are in run.json")
    return data
