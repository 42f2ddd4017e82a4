"""The returned value of a trial as the numbers for a study."""

import contextlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn
from hydra_plugins.mpi_launcher._errors import headline, JobCancelled, JobFailed
from omegaconf import OmegaConf

_NUMBERS_SHOWN = 10


class NoNumber(ValueError):
    """A trial ended well, but what it returned cannot be ranked; the message is one line."""


class ProgramFailed(RuntimeError):
    """A trial's program ended without a result; the message is one line, the cause what it raised."""


def objective_values(result: JobReturn, count: int) -> list[float]:
    """The numbers that a trial returned.

    Args:
      result: what the launcher brought back.
      count: of the study's objectives.

    Raises:
      ProgramFailed: it did not return.
      NoNumber: it returned something else than `count` finite numbers. Infinity is none: as the better end of an
        objective it would be the best of all.
    """
    try:
        returned = result.return_value
    except Exception as error:
        message = str(error) if isinstance(error, JobFailed | JobCancelled) else f"{type(error).__name__}: {error}"
        raise ProgramFailed(headline(message)) from error
    items = _items(returned)
    if len(items) != count:
        raise NoNumber(f"it returned {_shown(returned)}, where the study has {_counted(count)}")
    return [_number(item, returned) for item in items]


def metadata_values(result: JobReturn, file: str, keys: Sequence[str]) -> list[float]:
    """Numbers that a trial has left in its folder.

    Args:
      result: what the launcher brought back.
      file: JSON file in the folder.
      keys: dotted keys in it.

    Raises:
      NoNumber: one of them is no number there.
    """
    if not keys:
        return []
    found: Any = None
    with contextlib.suppress(OSError, ValueError):
        found = json.loads((_folder(result) / file).read_text())
    values = []
    for key in keys:
        value = found
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise NoNumber(_no_number(found, file, key))
        values.append(float(value))
    return values


def _folder(result: JobReturn) -> Path:
    """The folder of a job; `working_dir` is where the program runs, which is another one unless Hydra changes it."""
    folder = OmegaConf.select(result.hydra_cfg, "hydra.runtime.output_dir") if result.hydra_cfg is not None else None
    return Path(str(folder or result.working_dir))


def _no_number(found: Any, file: str, key: str) -> str:
    if not file:
        return "hydra.sweeper.objectives: hydra.launcher.metadata_file names no file of the job that has numbers"
    numbers = [name for name, value in found.items() if type(value) in (int, float)] if isinstance(found, dict) else []
    known = f", only as {', '.join(numbers[:_NUMBERS_SHOWN])}" if numbers else ""
    return f"hydra.sweeper.objectives: its {file} has no number as {key}{known}"


def _items(returned: Any) -> list[Any]:
    if isinstance(returned, Iterable) and not isinstance(returned, str | bytes | Mapping):
        try:
            return list(returned)
        except TypeError:  # an array without dimensions
            pass
    return [returned]


def _number(item: Any, returned: Any) -> float:
    is_truth_value = isinstance(item, bool) or str(getattr(item, "dtype", "")) == "bool"  # which has no rank either
    if not isinstance(item, str | bytes) and not is_truth_value:
        try:
            value = float(item)
        except (TypeError, ValueError, OverflowError):
            pass
        else:
            if math.isfinite(value):
                return value
            raise NoNumber(f"it returned {_shown(returned)}, which is not finite")
    raise NoNumber(f"it returned {_shown(returned)}, which is not a number")


def _shown(returned: Any) -> str:
    text = " ".join(repr(returned).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _counted(count: int) -> str:
    return "one objective" if count == 1 else f"{count} objectives"
