"""mode=inspect: draws samples of a dataset with their labels, and counts the dataset."""

from pathlib import Path

from hydra_plugins.mpi_launcher.text import shown_path

from data.errors import UserError
from engine.config import Config
from engine.console import Console
from engine.modes.loading import load_data


def inspect(config: Config, overrides: list[str]) -> None:
    """Draws samples of a dataset with their labels, and prints its counts."""
    console = Console()
    data = load_data(config, console)
    report = config.task.report(config.dataset, config.model)
    for label, text in report.describe_splits(data):
        console.line(label, text)
    sheet = Path(config.inspect.output)
    try:
        sheet.parent.mkdir(parents=True, exist_ok=True)
        report.draw_samples(data, sheet, config.inspect.samples)
    except OSError as error:
        raise UserError("inspect.output", f"cannot write {sheet} ({error})") from None
    console.line("look", shown_path(sheet))
