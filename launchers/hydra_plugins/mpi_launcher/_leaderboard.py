"""The end of a sweep: a ranking as `leaderboard.csv` and on the console."""

import csv
import dataclasses
import io
import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher._job import first_number, State
from hydra_plugins.mpi_launcher._typed import override
from hydra_plugins.mpi_launcher._whole_file import write_whole
from hydra_plugins.mpi_launcher.overrides import by_key, short_names, varying_keys
from hydra_plugins.mpi_launcher.text import clock, shown_path, text_table

FAILURES_SHOWN = 10
FIRST_ROWS = 15
LAST_ROWS = 5
"""Rows of the printed ranking; between them stands the number of the others."""

LONGEST_NUMBER = 8
LONGEST_TEXT = 60

Record = Mapping[str, Any]
"""Of a job, as in `jobs.json`."""


def ranking(jobs: Mapping[int, Record], better: str) -> list[tuple[int, Record]]:
    """Jobs by their returned value, the best first, equal ones by number of the job.

    Jobs that are not done, and jobs whose value is not a finite number, come last, by number of the job, and have no
    rank. Of these, pruned jobs come first. Truth values, texts and mappings are not numbers.

    Args:
      jobs: number -> record, as in `jobs.json`.
      better: `lower` or `higher`; of several returned values the first counts.
    """

    def key(item: tuple[int, Record]) -> tuple[int, float, int]:
        score = _score(item[1])
        if score is None:
            return (1 if item[1]["state"] == State.PRUNED.value else 2, 0.0, item[0])
        return (0, -score if better == "higher" else score, item[0])

    return sorted(jobs.items(), key=key)


def best_job(jobs: Mapping[int, Record], better: str) -> Record | None:
    """The first of `ranking`, if it returned a number."""
    ranked = ranking(jobs, better)
    return ranked[0][1] if ranked and _score(ranked[0][1]) is not None else None


@dataclasses.dataclass(frozen=True)
class Columns:
    """The columns of the leaderboard other than the overrides and the outcome.

    Attributes:
      value: name of the returned value.
      metadata_file: JSON file in a job's folder that `metadata` and `outcome` are read from.
      metadata: dotted keys in it.
      outcome: dotted key in it whose value says how a job that is done ended, such as `stopped early`; empty if there
        is none.
    """

    value: str = "value"
    metadata_file: str = ""
    metadata: Sequence[str] = ()
    outcome: str = ""

    @property
    def shown(self) -> list[str]:
        """Keys of `metadata` that have a column of their own."""
        return [key for key in self.metadata if key != self.outcome]

    def read(self, folder: Path) -> Any:
        """The metadata of the job that ran in a folder; empty if it left none."""
        try:
            return json.loads((folder / self.metadata_file).read_text()) if self.metadata_file else {}
        except (OSError, ValueError):
            return {}


def _at(found: Any, key: str) -> Any:
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def leaderboard(jobs: Mapping[int, Record], better: str, columns: Columns) -> tuple[list[str], list[list[Any]]]:
    """Header and rows: rank, trial, swept values, value, seconds, attempts, metadata, outcome, folder.

    Args:
      jobs: as for `ranking`.
      better: as for `ranking`.
      columns: what else is shown.
    """
    keys = varying_keys([record["overrides"] for record in jobs.values()])
    own = [key.rpartition(".")[2] for key in columns.shown]
    before, after = ["rank", "trial", *keys], ["seconds", "attempts", *own, "outcome", "folder"]
    taken = columns.value in (*before, *after) or not columns.value.strip()
    header = [*before, f"{columns.value} (value)".strip() if taken else columns.value, *after]
    rows = []
    for rank, (number, record) in enumerate(ranking(jobs, better), start=1):
        values, metadata = by_key(record["overrides"]), columns.read(Path(record["folder"]))
        done = record["state"] == State.DONE.value
        returned = done or record["state"] == State.PRUNED.value
        row = [None if _score(record) is None else rank, number, *(values.get(key, "") for key in keys)]
        row += [record["value"] if returned else None, record["seconds"], record["attempts"]]
        row += [_at(metadata, key) for key in columns.shown]
        row += [(done and columns.outcome and _at(metadata, columns.outcome)) or record["state"], record["folder"]]
        rows.append(row)
    return header, rows


def write_leaderboard(sweep_dir: Path, jobs: Mapping[int, Record], better: str, columns: Columns) -> Path:
    """Writes `leaderboard` as `leaderboard.csv`.

    Returns:
      Its path.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    header, rows = leaderboard(jobs, better, columns)
    table.writerows([header, *rows])
    path = sweep_dir / "leaderboard.csv"
    write_whole(path, text.getvalue().encode(), mode=0o644)
    return path


def printed(jobs: Mapping[int, Record], better: str, columns: Columns) -> list[str]:
    """The best jobs of `leaderboard` as lines, with short names. Empty columns are left out."""
    header, rows = leaderboard(jobs, better, columns)
    names = {name: " ".join(short.split()) for name, short in short_names(header).items()}
    rows = [[*map(_shortened, row[:-1]), shown_path(Path(row[-1]))] for row in rows]
    keep = [n for n, name in enumerate(header) if name != "attempts" or any(row[n] > 1 for row in rows)]
    keep = [n for n in keep if any(row[n] not in (None, "") for row in rows)]
    shown, left_out = rows, len(rows) - FIRST_ROWS - LAST_ROWS
    if left_out > 1:
        shown = [*rows[:FIRST_ROWS], *rows[-LAST_ROWS:]]
    table = text_table([names[header[n]] for n in keep], [[row[n] for n in keep] for row in shown])
    if left_out > 1:
        table.insert(1 + FIRST_ROWS, f"... {left_out} more ...")
    return table


def _shortened(cell: Any) -> Any:
    """A long decimal, such as Optuna proposes, with four digits; a long text cut, in one line."""
    if isinstance(cell, list | tuple | dict):
        cell = str(cell)
    if not isinstance(cell, str) or (cell.isprintable() and len(cell) <= LONGEST_NUMBER):
        return cell
    try:
        return f"{float(cell):.4g}"
    except ValueError:
        line = " ".join(cell.split())
        return line if len(line) <= LONGEST_TEXT else f"{line[: LONGEST_TEXT - 3]}..."


def summary(
    sweep_dir: Path,
    jobs: Mapping[int, Record],
    better: str,
    columns: Columns,
    program: str,
    overrides: Sequence[str],
    seconds: float,
    best_link: Path | None = None,
) -> list[str]:
    """The last lines of a sweep.

    Args:
      sweep_dir: its folder.
      jobs: as for `ranking`.
      better: as for `ranking`.
      columns: of the table.
      program: what was started, such as `python train.py`.
      overrides: of the command line, swept ones included.
      seconds: since the start.
      best_link: to what the best job left.
    """
    counts = {state: sum(record["state"] == state.value for record in jobs.values()) for state in State}
    parts = [f"{count} {state.value}" for state, count in counts.items() if count]
    lines = [f"sweep    {len(jobs)} jobs in {clock(seconds)}: {', '.join(parts)}"]
    ranked = ranking(jobs, better)
    lines += printed(jobs, better, columns)
    failed = [item for item in ranked if item[1]["state"] in (State.FAILED.value, State.TIMED_OUT.value)]
    for number, record in failed[:FAILURES_SHOWN]:
        folder = shown_path(Path(record["folder"]))
        lines.append(f"{record['state']:<9}job {number}: {record['error'] or 'see its log'}   ({folder})")
    if len(failed) > FAILURES_SHOWN:
        lines.append(f"         and {len(failed) - FAILURES_SHOWN} more, see {shown_path(sweep_dir / 'jobs.json')}")
    lines.append(f"ranking  {shown_path(sweep_dir / 'leaderboard.csv')}")
    if best := best_job(jobs, better):
        lines.append(f"best     {shown_path(best_link or Path(best['folder']))}")
        lines.append(f"repeat   {program} {shlex.join(best['overrides'])}")
    if any(counts[state] for state in (State.FAILED, State.TIMED_OUT, State.CANCELLED, State.QUEUED, State.RUNNING)):
        replaced = ("hydra.launcher.resume=", "hydra.sweep.dir=")
        kept = [each for each in overrides if not each.lstrip("+").startswith(replaced)]
        again = shlex.join(["-m", *kept, override("hydra.launcher.resume", shown_path(sweep_dir))])
        lines.append(f"resume   {program} {again}")
    return lines


def _score(record: Record) -> float | None:
    return first_number(record["value"]) if record["state"] == State.DONE.value else None
