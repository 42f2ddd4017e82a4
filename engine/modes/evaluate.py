"""mode=eval: an export measured on the validation split of a dataset."""

import dataclasses
from pathlib import Path

from hydra_plugins.mpi_launcher.text import shown_path

from engine.config import Config
from engine.console import Console
from engine.hardware.tensorflow_setup import configure_tensorflow
from engine.modes.export import export_folder
from engine.modes.loading import load_data
from engine.runs.run_folder import write_json
from engine.runs.trial import this_trial


def evaluate(config: Config, overrides: list[str]) -> float | None:
    """Measures the SavedModel in `export_dir`; returns `task.metric` if it has it."""
    console = Console()
    folder = export_folder(config)
    data = load_data(config, console)
    configure_tensorflow(config)
    serving = config.task.serving(config.model)
    length = serving.evaluation_length(data)
    with console.progress("eval", length) as update:
        metrics = serving.evaluate(folder, data, update)
    for name, value in metrics.items():
        console.line("", f"{config.task.label(name):<16} {value:.4f}")
    _, trial = this_trial(config.composed)  # those of a sweep over one run must not replace each other's
    report = (trial or Path(config.run_dir)) / f"eval_{config.dataset.name}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    source = {"dataset": config.dataset.name, "fingerprint": dataclasses.asdict(data.source)}
    write_json(report, {"export": str(folder), **source, config.task.unit: length, "metrics": metrics})
    console.line("report", shown_path(report))
    return metrics.get(config.task.metric)  # the loss of an export is not measured, nor what no page of the split has
