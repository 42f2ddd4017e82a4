"""mode=compare: ranks runs, and shows the differences of their configs, as table, CSV and curves."""

import csv
import dataclasses
import glob
import io
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher.overrides import short_names
from hydra_plugins.mpi_launcher.text import shown_path, text_table
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from data.errors import UserError
from data.own_files import is_own_picture, MARK, whole_file, write_whole
from engine.config import Config
from engine.console import Console
from engine.overrides import Overrides
from engine.runs.direction import correction, recorded_goals
from engine.runs.run_folder import is_held, read_metadata
from engine.tasks import direction_of, HIGHER, task_class
from engine.validation import in_part
from models.part_metrics import plain_name

NOT_COMPARED = ("mode", "run_dir", "export_dir", "runs", "predict", "resume")
"""Top-level keys without influence on the training."""

_NOT_COMPARED_EITHER = ("dataset.cache_dir", "task.better")


@dataclasses.dataclass(frozen=True)
class Run:
    """A run on disk.

    Attributes:
      path: its folder.
      metadata: its `run.json`.
      settings: dotted key -> value of its config.
    """

    path: Path
    metadata: dict[str, Any]
    settings: dict[str, Any]

    @property
    def status(self) -> str:
        """How it ended; `interrupted` as well if its process is gone."""
        status = self.metadata.get("status", "unknown")
        return "interrupted" if status == "running" and not is_held(self.path) else status

    def best(self, metric: str, higher_is_better: bool) -> float | None:
        """The best value of a metric in its history, or in the mean of its repeats."""
        if self.metadata.get("repeats"):
            return self.metadata.get("metrics", {}).get(metric)
        values = [value for _, _, value in self.curve(metric)]
        return (max if higher_is_better else min)(values, default=None)

    def curve(self, metric: str) -> list[tuple[int, float, float]]:
        """(step, seconds of training, value) of each evaluation."""
        history = self.metadata.get("history", [])
        points = [(entry["step"], entry["seconds"], entry.get(metric)) for entry in history]
        return [point for point in points if isinstance(point[2], int | float) and not math.isnan(point[2])]


def compare(config: Config, overrides: Sequence[str]) -> None:
    """Ranks the runs in `runs`, prints them and writes `compare.csv` and `compare.png` beside them.

    Runs of several tasks get a table each, `compare_<task>.csv`.

    Args:
      config: accepted; `runs` is a folder or a pattern.
      overrides: of the command line. `task` and `task.metric` in them choose among the runs and their metrics.

    Raises:
      UserError: there are no runs, or none of the task.
    """
    console = Console()
    folder, found = find_runs(config.runs)
    given = Overrides(overrides).keys
    groups = by_task(found)
    if {"task", "experiment"} & set(given):
        if config.task.name not in groups:
            there = " and ".join(f"task={task}" for task in groups)
            raise UserError("task", f"{config.runs} holds no run of task={config.task.name}, only of {there}")
        groups = {config.task.name: groups[config.task.name]}
    asked = config.task.metric if "task.metric" in given else None
    for task, runs in groups.items():
        if len(groups) > 1:
            console.title(f"task={task}")
        note_wrong_directions(console, runs, folder)
        metric = metric_of(task, runs, asked)
        others = sorted({str(run.settings.get("task.metric")) for run in runs} - {metric})
        if others and not asked:
            shown = ", ".join(others)
            console.line(
                "note", f"ranked by {metric}; some runs were trained for {shown}: task.metric=... ranks by that"
            )
        name = f"compare_{task}" if len(groups) > 1 else "compare"
        check_outputs(folder, name)
        _show(console, runs, folder, name, metric, direction_of(task, metric) == HIGHER)


def _show(console: Console, runs: list[Run], folder: Path, name: str, metric: str, higher: bool) -> None:
    """Prints the table of runs of one task and writes it and the curves."""
    header, rows = comparison(runs, folder, metric, higher)
    names = short_names(header)
    for line in text_table([names[name] for name in header], rows):
        print(line)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    write_whole(folder / f"{name}.csv", text.getvalue())
    draw_curves(runs, [str(row[1]) for row in rows], folder / f"{name}.png", metric)
    console.line("table", shown_path(folder / f"{name}.csv"))
    console.line("curves", shown_path(folder / f"{name}.png"))


def by_task(runs: list[Run]) -> dict[str, list[Run]]:
    """Runs of each task, since only those of one have the same metrics."""
    tasks = sorted({run.settings["task.name"] for run in runs})
    return {task: [run for run in runs if run.settings["task.name"] == task] for task in tasks}


def metric_of(task: str, runs: list[Run], asked: str | None) -> str:
    """What runs of a task are ranked by: what is asked for, else their own metric, else the task's first one.

    Args:
      task: of the runs.
      runs: some.
      asked: a metric of the task, or None.
    """
    kind = task_class(task)
    metrics = kind.metrics if kind else {}
    own = {name for run in runs if plain_name(name := str(run.settings.get("task.metric"))) in metrics}
    if asked and plain_name(asked) in metrics:
        return str(asked)
    return own.pop() if len(own) == 1 else next(iter(metrics))


def note_wrong_directions(console: Console, runs: list[Run], folder: Path) -> None:
    """Prints a line that names the old runs whose recorded direction is not that of their metric."""
    goals = [(run, goal) for run in runs for goal in recorded_goals(run.path)[:1]]
    wrong = [(run, goal) for run, goal in goals if goal[2] != direction_of(*goal[:2])]
    if wrong:
        names = ", ".join(os.path.relpath(run.path, folder) for run, _ in wrong[:3])
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        console.line("note", f"{names}{more}: {correction(*wrong[0][1])}")


def check_outputs(folder: Path, name: str) -> None:
    """Makes sure that `<name>.csv` and `<name>.png` in a folder are of mode=compare, if they are there.

    Raises:
      UserError: one of them is not.
    """
    table, curves = folder / f"{name}.csv", folder / f"{name}.png"
    own_table = table.is_file() and not table.is_symlink() and _is_own_table(table)
    if os.path.lexists(table) and not own_table:
        raise UserError("runs", f"{table} exists, and mode=compare did not write it", ("rename it",))
    before_marks = own_table and curves.is_file() and not curves.is_symlink()
    if os.path.lexists(curves) and not (is_own_picture(curves) or before_marks):
        raise UserError("runs", f"{curves} exists, and mode=compare did not write it", ("rename it",))


def _is_own_table(file: Path) -> bool:
    with open(file, "rb") as table:
        header = table.readline(10_000)
    return header.startswith(b"rank,run,") and b",seconds,examples_per_second,status" in header


def find_runs(where: str) -> tuple[Path, list[Run]]:
    """The runs under a folder, or under each that a pattern names, and the folder that they share.

    Raises:
      UserError: there are none.
    """
    matches = [where] if os.path.lexists(where) else glob.glob(where, recursive=True)
    found = sorted({file for match in matches for file in _run_files(Path(match))})
    if not found:
        raise UserError("runs", f"there is no run (a folder with run.json) in {where}")
    runs = [run for file in found if (run := _read(file.parent))]
    if not runs:
        raise UserError("runs", f"none of the {len(found)} runs in {where} can be read")
    folder = Path(where)
    if not folder.is_dir():
        folder = Path(os.path.commonpath([run.path.parent for run in runs]))
    return folder, runs


def _run_files(folder: Path) -> list[Path]:
    """`run.json` of a folder, else those below it that are not inside another run."""
    if (folder / "run.json").is_file():
        return [folder / "run.json"]
    if not folder.is_dir():
        return []
    inner = sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    return [file for path in inner for file in _run_files(path)]


def _read(folder: Path) -> Run | None:
    metadata = read_metadata(folder)
    try:
        config: Any = OmegaConf.load(folder / ".hydra" / "config.yaml")
        compared: Any = OmegaConf.masked_copy(config, [key for key in config if key not in NOT_COMPARED])
        plain: Any = OmegaConf.to_container(compared, resolve=True)
        settings = _flat(plain)
    except (OSError, OmegaConfBaseException):
        return None
    return Run(folder, metadata, settings) if metadata and task_class(str(settings.get("task.name"))) else None


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def comparison(runs: list[Run], folder: Path, metric: str, higher: bool) -> tuple[list[str], list[list[Any]]]:
    """Header and rows: rank, run, what differs, metric, seconds, examples/second, status; the best first.

    Sorts `runs` in place, in the order of the rows.

    Args:
      runs: of one task.
      folder: that names are given from.
      metric: to rank by.
      higher: whether more of it is better.
    """
    scores = {run.path: run.best(metric, higher) for run in runs}
    sign = -1 if higher else 1
    runs.sort(key=lambda run: (scores[run.path] is None, sign * (scores[run.path] or 0.0), str(run.path)))
    differing = differing_keys([run.settings for run in runs])
    spread = any(run.metadata.get("spread") for run in runs)
    commits = {run.metadata.get("git", {}).get("commit") for run in runs}
    header = ["rank", "run", *differing, metric, *(["spread"] if spread else []), "step", "seconds"]
    header += ["examples_per_second", "status", *(["commit"] if len(commits) > 1 else [])]
    rows = []
    for rank, run in enumerate(runs, start=1):
        score, metadata = scores[run.path], run.metadata
        row: list[Any] = [rank if score is not None else None, os.path.relpath(run.path, folder)]
        row += [_shown(run.settings.get(key)) for key in differing]
        row += [score, *([metadata.get("spread")] if spread else [])]
        row += [next((step for step, _, value in run.curve(metric) if value == score), None), metadata.get("seconds")]
        row += [metadata.get("examples_per_second"), run.status]
        rows.append([*row, *([(metadata.get("git", {}).get("commit") or "")[:9]] if len(commits) > 1 else [])])
    return header, rows


def differing_keys(settings: list[dict[str, Any]]) -> list[str]:
    """Keys whose values are not the same in all, in the order of the first; derived ones are left out.

    A key is derived if another one that differs changes wherever it does and it only repeats its value.
    """
    keys = list(dict.fromkeys(key for each in settings for key in each))
    columns = {key: tuple(repr(each.get(key)) for each in settings) for key in keys}
    differing, seen = [], set()
    for key in keys:
        if len(set(columns[key])) > 1 and in_part(key) not in _NOT_COMPARED_EITHER and columns[key] not in seen:
            differing.append(key)
            seen.add(columns[key])
    return differing


def _shown(value: Any) -> Any:
    return str(value) if isinstance(value, list | bool) else value


def draw_curves(runs: list[Run], names: list[str], picture: Path, metric: str) -> None:
    """Draws the metric over steps and over minutes.

    Args:
      runs: the best first, which is drawn thickest.
      names: of the runs.
      picture: file to write.
      metric: to draw.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 5), layout="constrained")
    by_step, by_minute = figure.subplots(1, 2, sharey=True)
    for number, (run, name) in enumerate(zip(runs, names, strict=True)):
        points = run.curve(metric)
        style = {"marker": ".", "linewidth": 2.5 if number == 0 else 1.2, "label": name if number < 12 else None}
        by_step.plot([step for step, _, _ in points], [value for *_, value in points], **style)
        by_minute.plot([seconds / 60 for _, seconds, _ in points], [value for *_, value in points], **style)
    by_step.set(xlabel="step", ylabel=metric)
    by_minute.set(xlabel="minutes of training")
    for axes in (by_step, by_minute):
        axes.grid(alpha=0.3)
    figure.legend(*by_step.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize="small")
    with whole_file(picture) as scratch:
        figure.savefig(scratch, dpi=110, format="png", metadata={"Software": MARK})
