"""mode=prepare and mode=inspect: a dataset without a training."""

from pathlib import Path

from omegaconf import DictConfig

from data.commands import command
from data.errors import UserError
from engine.console import Console, shown_path
from engine.modes import load_data
from engine.overrides import Overrides
from engine.workloads import workload_of


def prepare(config: DictConfig, overrides: list[str]) -> None:
    """Fetches a dataset where it has to, checks it, splits it and fills the cache that training reads."""
    if "download" in config.dataset:
        config.dataset.download = True
    console = Console()
    console.title(f"prepare · {config.dataset.name} · for {config.task.name} {config.model.name}")
    workload = workload_of(config)
    data = load_data(workload, console)
    for label, text in [*workload.preparation_report(), *workload.describe_sides(data)]:
        console.line(label, text)
    console.line("next", command(*Overrides(overrides).without("mode", "dataset.download")))


def inspect(config: DictConfig, overrides: list[str]) -> None:
    """Draws samples of a dataset with their labels and says how many there are."""
    console = Console()
    workload = workload_of(config)
    data = load_data(workload, console)
    for label, text in workload.describe_sides(data):
        console.line(label, text)
    sheet = Path(config.inspect.output)
    try:
        sheet.parent.mkdir(parents=True, exist_ok=True)
        workload.draw_samples(data, sheet, config.inspect.samples)
    except OSError as error:
        raise UserError("inspect.output", f"cannot write {sheet} ({error})") from None
    console.line("look", shown_path(sheet))
