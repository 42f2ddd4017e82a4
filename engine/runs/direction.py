"""Old runs whose record has the wrong direction of `task.metric`.

The direction belongs to the metric (`models.task.Task.metrics`). In earlier versions it was a separate setting, so the
record of a run on `rmse` can have `better: higher`.
"""

from pathlib import Path
from typing import Any

import yaml
from omegaconf import DictConfig

from engine.runs.run_folder import read_metadata
from engine.tasks import direction_of

KEY = "task.better"


def settle(config: DictConfig, given: bool) -> str | None:
    """Corrects a wrong direction that a config has from the record of an old run.

    Validation refuses any other contradiction.

    Args:
      config: composed; `run_dir` may be an old run.
      given: whether the overrides, possibly those of the old run, have `task.better`.

    Returns:
      A line for the user if the run was ranked in the wrong direction; None if not.
    """
    recorded = recorded_goals(Path(str(config.run_dir)))
    task, right = config.task, direction_of(config.task.name, config.task.metric)
    of_record = [metric for _, metric, better in recorded if better == task.better]
    if task.better != right and (task.metric in of_record or (of_record and not given)):
        task.better = right
    wrong = next((goal for goal in recorded if goal[2] != direction_of(*goal[:2])), None)
    return f"{config.run_dir}: {correction(*wrong)}" if wrong else None


def correction(task: str, metric: str, better: str) -> str:
    """The note on a run whose record has the wrong direction."""
    right = direction_of(task, metric)
    return f"recorded with {KEY}={better}, but {right} values of {metric} are better, and count as such"


def recorded_goals(run: Path) -> list[tuple[str, str, str]]:
    """(task, metric, direction) as `.hydra/config.yaml` and `run.json` of a run have them; empty if there is no run."""
    record = read_metadata(run)
    settings = record.get("settings") if isinstance(record, dict) else None
    try:
        config = yaml.safe_load((run / ".hydra" / "config.yaml").read_text())
    except (OSError, ValueError, yaml.YAMLError):
        config = None
    return [goal for record in (config, settings) if (goal := _goal_in(record))]


def _goal_in(record: Any) -> tuple[str, str, str] | None:
    task = record.get("task") if isinstance(record, dict) else None
    goal: Any = tuple(task.get(key) for key in ("name", "metric", "better")) if isinstance(task, dict) else ()
    literal = goal and all(isinstance(part, str) and "${" not in part for part in goal)
    return goal if literal else None
