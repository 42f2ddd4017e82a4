"""mode=eval: measures an export on the validation or the test split of a dataset."""

import dataclasses
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher.text import shown_path

from data.errors import UserError
from data.options import of_today
from data.own_files import is_own_picture
from engine.config import Config
from engine.console import Console
from engine.hardware.tensorflow_setup import configure_tensorflow
from engine.modes.export import export_folder
from engine.modes.loading import load_data
from engine.runs.places import report_name, worst_picture
from engine.runs.run_folder import read_metadata, write_json
from engine.runs.trial import this_trial
from models.worst import Example


def evaluate(config: Config, overrides: list[str]) -> float | None:
    """Measures the SavedModel in `export_dir` on `dataset.part`, and writes the report.

    Args:
      config: accepted.
      overrides: of the command line; not used.

    Returns:
      The value of `task.metric`; None if it was not measured.

    Raises:
      UserError: there is no export, or the run may have seen the test part.
    """
    console = Console()
    folder = export_folder(config)
    part = config.dataset.part
    if part == "test":
        check_not_trained_on(config)
    data: Any = load_data(config, console)
    source = data.source
    if part == "test":
        data = data.measured_on_test()
    configure_tensorflow(config)
    serving = config.task.serving(config.model)
    length = serving.evaluation_length(data)
    count = config.eval.worst if serving.draws_worst else 0
    worst: list[Example] = []
    with console.progress("eval", length) as update:
        if count:
            metrics, worst = serving.evaluate_examples(folder, data, update, count)
        else:
            metrics = serving.evaluate(folder, data, update)
    console.line("part", f"{part}, {length:,} {config.task.unit}")
    for name, value in metrics.items():
        console.line("", f"{config.task.label(name):<16} {value:.4f}")
    _, trial = this_trial(config.composed)  # trials of a sweep over one run write separate reports
    report = (trial or Path(config.run_dir)) / report_name(config.dataset)
    report.parent.mkdir(parents=True, exist_ok=True)
    measured = {"dataset": config.dataset.name, "part": part, "fingerprint": dataclasses.asdict(source)}
    drawn = {"worst": [{"name": example.name, "quality": round(example.quality, 4)} for example in worst]}
    write_json(report, {"export": str(folder), **measured, config.task.unit: length, "metrics": metrics, **drawn})
    console.line("report", shown_path(report))
    picture = worst_picture(report)
    if worst:
        serving.draw_worst(worst, picture)
        console.line("worst", shown_path(picture))
    elif is_own_picture(picture):
        picture.unlink()  # belongs to an earlier report
    # None if the metric is the loss, which an export does not have, or of a class without objects in the split.
    return metrics.get(config.task.metric)


def check_not_trained_on(config: Config) -> None:
    """Refuses the test part of another split than the run was trained on.

    Raises:
      UserError: the run was trained on another split of the same dataset, so that it may have seen this test part.
    """
    trained_on = _recorded_datasets(Path(config.run_dir))
    for key, dataset in config.dataset.datasets_by_key().items():
        now = dataclasses.asdict(dataset)
        for recorded in trained_on:
            if recorded.get("name") == dataset.name and _same_place(recorded, now):
                before = of_today(dataset, recorded)
                differences = [
                    f"{key}.{name} was {before.get(name)}, now {value}"
                    for name, value in dataset.split_values().items()
                    if before.get(name) != value
                ]
                if differences:
                    raise _other_split(config, differences)


def _other_split(config: Config, differences: list[str]) -> UserError:
    return UserError(
        "dataset.part",
        f"{config.run_dir} was trained on another split of this dataset, so that it may have seen this test part "
        f"({', '.join(differences)})",
        ("give the same values as the run, or train with these",),
    )


def _recorded_datasets(run: Path) -> list[dict[str, Any]]:
    """Key -> value of the dataset in the record of a run, or of each part of a mixture; empty without a record."""
    settings = read_metadata(run).get("settings")
    dataset = settings.get("dataset") if isinstance(settings, dict) else None
    if not isinstance(dataset, dict):
        return []
    parts = dataset.get("parts")
    recorded = list(parts.values()) if isinstance(parts, dict) else [dataset]
    return [values for values in recorded if isinstance(values, dict)]


def _same_place(then: dict[str, Any], now: dict[str, Any]) -> bool:
    return Path(str(then.get("root", ""))).resolve() == Path(str(now.get("root", ""))).resolve()
