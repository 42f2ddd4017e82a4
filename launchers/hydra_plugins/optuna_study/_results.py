"""The results of a search as lines for the console."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher.overrides import short_names
from hydra_plugins.mpi_launcher.text import shown_path, text_table
from hydra_plugins.optuna_study._pictures import importances
from hydra_plugins.optuna_study._study import SweepStudy

SOLUTIONS_SHOWN = 20


def report_lines(study: SweepStudy, best: Mapping[str, Any], picture: Path | None) -> list[str]:
    """The best trial or the Pareto front, how important each parameter is, and where the picture is.

    Args:
      study: with its trials.
      best: as `SweepStudy.best` has it.
      picture: path of `search.png`; None if there is none.
    """
    if "solutions" in best:
        lines = _front(study, best["solutions"])
    else:
        lines = [f"Best parameters: {best['best_params']}", f"Best value: {best['best_value']}"]
    if found := importances(study.optuna_study):
        names = short_names(list(found))
        lines.append("Importance: " + ", ".join(f"{names[key]} {share:.0%}" for key, share in found.items()))
    if picture is not None:
        lines.append(f"Picture: {shown_path(picture)}")
    return lines


def _front(study: SweepStudy, solutions: list[Mapping[str, Any]]) -> list[str]:
    """Solutions than which no other is better in every objective, by the first."""
    ordered = sorted(solutions, key=lambda solution: solution["values"][0])
    keys = list(dict.fromkeys(key for solution in ordered for key in solution["params"]))
    header = [*study.objective_names, *short_names(keys).values()]
    rows = [[*solution["values"], *(solution["params"].get(key) for key in keys)] for solution in ordered]
    lines = [f"Pareto front: {len(rows)} solution{'s' * (len(rows) != 1)}", *text_table(header, rows[:SOLUTIONS_SHOWN])]
    return [*lines, *([f"and {len(rows) - SOLUTIONS_SHOWN} more"] if len(rows) > SOLUTIONS_SHOWN else [])]
