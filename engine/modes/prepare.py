"""mode=prepare: fetches, checks, splits and caches a dataset without training."""

import dataclasses

from data.commands import command
from engine.config import Config
from engine.console import Console
from engine.modes.loading import load_data
from engine.overrides import Overrides


def prepare(config: Config, overrides: list[str]) -> None:
    """Fetches a dataset if it is missing, checks and splits it, and fills the cache that training reads."""
    config = dataclasses.replace(config, dataset=config.dataset.with_download())
    console = Console()
    console.title(f"prepare · {config.dataset.name} · for {config.task.name} {config.model.name}")
    data = load_data(config, console)
    report = config.task.report(config.dataset, config.model)
    shown = config.dataset.split_lines()  # load_data has printed these
    for label, text in [*report.preparation_report(), *report.describe_splits(data)]:
        if (label, text) not in shown:
            console.line(label, text)
    console.line("next", command(*Overrides(overrides).without("mode", "dataset.download")))
