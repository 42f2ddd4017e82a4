"""The end of a sweep: a ranking as `leaderboard.csv` and on the console."""

import csv
import io
import math
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher._board import clock
from hydra_plugins.mpi_launcher._job import State, write_private
from hydra_plugins.mpi_launcher._words import by_key, swept_keys, told_apart

FAILURES_SHOWN = 10

Facts = Mapping[str, Any]


def ranking(jobs: Mapping[int, Facts], better: str) -> list[tuple[int, Facts]]:
    """Jobs by their returned value, the best first; those without a number last, by number of the job.

    Args:
      jobs: number -> facts, as in `jobs.json`.
      better: `lower` or `higher`; of several returned values the first counts.
    """

    def key(item: tuple[int, Facts]) -> tuple[bool, float, int]:
        score = _score(item[1])
        return (score is None, 0.0 if score is None else -score if better == "higher" else score, item[0])

    return sorted(jobs.items(), key=key)


def write_leaderboard(sweep_dir: Path, jobs: Mapping[int, Facts], better: str) -> Path:
    """Writes `leaderboard.csv`: rank, trial, swept values, value, seconds, attempts, status, folder.

    Returns:
      Its path.
    """
    keys = swept_keys([facts["overrides"] for facts in jobs.values()])
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["rank", "trial", *keys, "value", "seconds", "attempts", "status", "folder"])
    for rank, (number, facts) in enumerate(ranking(jobs, better), start=1):
        words = by_key(facts["overrides"])
        shown = "" if _score(facts) is None else rank
        value = facts["value"] if facts["state"] == State.DONE.value else None
        row = [shown, number, *(words.get(key, "") for key in keys), "" if value is None else value]
        table.writerow([*row, facts["seconds"], facts["attempts"], facts["state"], facts["folder"]])
    path = sweep_dir / "leaderboard.csv"
    write_private(path, text.getvalue().encode())
    path.chmod(0o644)
    return path


def summary(
    sweep_dir: Path, jobs: Mapping[int, Facts], better: str, program: str, words: Sequence[str], seconds: float
) -> list[str]:
    """The last lines of a sweep.

    Args:
      sweep_dir: its folder.
      jobs: as for `ranking`.
      better: as for `ranking`.
      program: what was started, such as `python train.py`.
      words: of the command line, swept ones included.
      seconds: since the start.
    """
    counts = {state: sum(facts["state"] == state.value for facts in jobs.values()) for state in State}
    parts = [f"{count} {state.value}" for state, count in counts.items() if count]
    lines = [f"sweep    {len(jobs)} jobs in {clock(seconds)}: {', '.join(parts)}"]
    ranked = ranking(jobs, better)
    keys = swept_keys([facts["overrides"] for facts in jobs.values()])
    for number, facts in ranked[:3]:
        if (score := _score(facts)) is not None:
            lines.append(f"         job {number:<3} {score:<10.6g} {told_apart(facts['overrides'], keys)}".rstrip())
    failed = [item for item in ranked if item[1]["state"] in (State.FAILED.value, State.TIMED_OUT.value)]
    for number, facts in failed[:FAILURES_SHOWN]:
        folder = shown(Path(facts["folder"]))
        lines.append(f"{facts['state']:<9}job {number}: {facts['error'] or 'see its log'}   ({folder})")
    if len(failed) > FAILURES_SHOWN:
        lines.append(f"         and {len(failed) - FAILURES_SHOWN} more, see {shown(sweep_dir / 'jobs.json')}")
    lines.append(f"ranking  {shown(sweep_dir / 'leaderboard.csv')}")
    if ranked and _score(ranked[0][1]) is not None:
        best = shlex.join(ranked[0][1]["overrides"])
        lines.append(f"best     {shown(Path(ranked[0][1]['folder']))}")
        lines.append(f"repeat   {program} {best}")
    if any(counts[state] for state in (State.FAILED, State.TIMED_OUT, State.CANCELLED, State.QUEUED, State.RUNNING)):
        replaced = ("hydra.launcher.resume=", "hydra.sweep.dir=")
        again = shlex.join(["-m", *(word for word in words if not word.startswith(replaced))])
        lines.append(f"go on    {program} {again} hydra.launcher.resume={shown(sweep_dir)}")
    return lines


def shown(path: Path) -> str:
    """A path as short as it can be typed here."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _score(facts: Facts) -> float | None:
    value = facts["value"]
    if isinstance(value, list) and value:
        value = value[0]
    number = isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
    return float(value) if number and facts["state"] == State.DONE.value else None
