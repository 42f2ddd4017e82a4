"""The end of a sweep: a ranking as `leaderboard.csv` and on the console."""

import csv
import dataclasses
import io
import json
import math
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher._job import State
from hydra_plugins.mpi_launcher._typed import override
from hydra_plugins.mpi_launcher._whole_file import write_whole
from hydra_plugins.mpi_launcher.overrides import by_key, short_names, varying_keys
from hydra_plugins.mpi_launcher.text import clock, shown_path, text_table

FAILURES_SHOWN = 10
ROWS_SHOWN = 20
LONGEST_NUMBER = 8
LONGEST_TEXT = 60

Facts = Mapping[str, Any]


def ranking(jobs: Mapping[int, Facts], better: str) -> list[tuple[int, Facts]]:
    """Jobs by their returned value, the best first, equal ones by number of the job.

    Last, and without a rank, by number of the job: those that are not done, and those whose value is not a finite
    number. Truth values, texts and mappings are none.

    Args:
      jobs: number -> facts, as in `jobs.json`.
      better: `lower` or `higher`; of several returned values the first counts.
    """

    def key(item: tuple[int, Facts]) -> tuple[bool, float, int]:
        score = _score(item[1])
        return (score is None, 0.0 if score is None else -score if better == "higher" else score, item[0])

    return sorted(jobs.items(), key=key)


def best_job(jobs: Mapping[int, Facts], better: str) -> Facts | None:
    """The first of `ranking`, if it returned a number."""
    ranked = ranking(jobs, better)
    return ranked[0][1] if ranked and _score(ranked[0][1]) is not None else None


@dataclasses.dataclass(frozen=True)
class Columns:
    """What the leaderboard shows of each job besides its words and state.

    Attributes:
      value: name of the returned value.
      facts_file: JSON file in a job's folder that `facts` are read from.
      facts: dotted keys in it.
    """

    value: str = "value"
    facts_file: str = ""
    facts: Sequence[str] = ()

    def of(self, folder: Path) -> list[Any]:
        """The facts of the job that ran in a folder; None for each that it has not left."""
        try:
            found = json.loads((folder / self.facts_file).read_text()) if self.facts else {}
        except (OSError, ValueError):
            found = {}
        return [_at(found, key.split(".")) for key in self.facts]


def _at(found: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def leaderboard(jobs: Mapping[int, Facts], better: str, columns: Columns) -> tuple[list[str], list[list[Any]]]:
    """Header and rows: rank, trial, swept values, value, seconds, attempts, the program's own facts, status, folder.

    Args:
      jobs: as for `ranking`.
      better: as for `ranking`.
      columns: what else is shown.
    """
    keys = varying_keys([facts["overrides"] for facts in jobs.values()])
    own = [key.rpartition(".")[2] for key in columns.facts]
    before, after = ["rank", "trial", *keys], ["seconds", "attempts", *own, "status", "folder"]
    taken = columns.value in (*before, *after) or not columns.value.strip()
    header = [*before, f"{columns.value} (value)".strip() if taken else columns.value, *after]
    rows = []
    for rank, (number, facts) in enumerate(ranking(jobs, better), start=1):
        words = by_key(facts["overrides"])
        value = facts["value"] if facts["state"] == State.DONE.value else None
        row = [None if _score(facts) is None else rank, number, *(words.get(key, "") for key in keys), value]
        row += [facts["seconds"], facts["attempts"], *columns.of(Path(facts["folder"])), facts["state"]]
        rows.append([*row, facts["folder"]])
    return header, rows


def write_leaderboard(sweep_dir: Path, jobs: Mapping[int, Facts], better: str, columns: Columns) -> Path:
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


def printed(jobs: Mapping[int, Facts], better: str, columns: Columns) -> list[str]:
    """The best jobs of `leaderboard` as lines, with short names, without what is the same in all."""
    header, rows = leaderboard(jobs, better, columns)
    names = {name: " ".join(short.split()) for name, short in short_names(header).items()}
    rows = [[*map(_shortened, row[:-1]), shown_path(Path(row[-1]))] for row in rows]
    keep = [n for n, name in enumerate(header) if name != "attempts" or any(row[n] > 1 for row in rows)]
    keep = [n for n in keep if any(row[n] not in (None, "") for row in rows)]
    table = text_table([names[header[n]] for n in keep], [[row[n] for n in keep] for row in rows[:ROWS_SHOWN]])
    return [*table, *([f"and {len(rows) - ROWS_SHOWN} more"] if len(rows) > ROWS_SHOWN else [])]


def _shortened(cell: Any) -> Any:
    """A word that is a long decimal, such as Optuna proposes, with four digits; a long text cut, in one line."""
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
    jobs: Mapping[int, Facts],
    better: str,
    columns: Columns,
    program: str,
    words: Sequence[str],
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
      words: of the command line, swept ones included.
      seconds: since the start.
      best_link: to what the best job left.
    """
    counts = {state: sum(facts["state"] == state.value for facts in jobs.values()) for state in State}
    parts = [f"{count} {state.value}" for state, count in counts.items() if count]
    lines = [f"sweep    {len(jobs)} jobs in {clock(seconds)}: {', '.join(parts)}"]
    ranked = ranking(jobs, better)
    lines += printed(jobs, better, columns)
    failed = [item for item in ranked if item[1]["state"] in (State.FAILED.value, State.TIMED_OUT.value)]
    for number, facts in failed[:FAILURES_SHOWN]:
        folder = shown_path(Path(facts["folder"]))
        lines.append(f"{facts['state']:<9}job {number}: {facts['error'] or 'see its log'}   ({folder})")
    if len(failed) > FAILURES_SHOWN:
        lines.append(f"         and {len(failed) - FAILURES_SHOWN} more, see {shown_path(sweep_dir / 'jobs.json')}")
    lines.append(f"ranking  {shown_path(sweep_dir / 'leaderboard.csv')}")
    if best := best_job(jobs, better):
        lines.append(f"best     {shown_path(best_link or Path(best['folder']))}")
        lines.append(f"repeat   {program} {shlex.join(best['overrides'])}")
    if any(counts[state] for state in (State.FAILED, State.TIMED_OUT, State.CANCELLED, State.QUEUED, State.RUNNING)):
        replaced = ("hydra.launcher.resume=", "hydra.sweep.dir=")
        kept = [word for word in words if not word.lstrip("+").startswith(replaced)]
        again = shlex.join(["-m", *kept, override("hydra.launcher.resume", shown_path(sweep_dir))])
        lines.append(f"go on    {program} {again}")
    return lines


def _score(facts: Facts) -> float | None:
    value = facts["value"]
    if isinstance(value, list) and value:
        value = value[0]
    if facts["state"] != State.DONE.value or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond all floats
        return None
    return number if math.isfinite(number) else None
