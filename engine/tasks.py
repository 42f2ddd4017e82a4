"""The tasks in conf/, by name."""

import functools

from hydra.utils import get_class

from engine.option_files import OptionFiles
from models.part_metrics import plain_name
from models.task import Task

HIGHER, LOWER = "higher", "lower"


def task_class(name: str) -> type[Task] | None:
    """The class of a task, as its config file names it; None if there is no such task, or it cannot be imported.

    Args:
      name: of the task, possibly from an untrusted file: only the config files of the command choose what is imported.
    """
    return _class_of(OptionFiles().target(f"task/{name}"))


def direction_of(task: str, metric: str) -> str:
    """Which values of a task's metric are better, `higher` or `lower`; `higher` for an unknown metric."""
    kind, name = task_class(task), plain_name(metric)
    return kind.metrics[name].better if kind and name in kind.metrics else HIGHER


def tasks_of_dataset(dataset: str) -> list[str]:
    """Names of the tasks that can use a dataset, given its name."""
    files = OptionFiles()
    tasks = []
    for task in files.options("task"):
        kind = task_class(task)
        if kind and dataset in files.names_of("dataset", task, functools.partial(is_kind, kind=kind.dataset_type)):
            tasks.append(task)
    return tasks


def is_kind(target: str, kind: type) -> bool:
    """Whether a `_target_` is a subclass; False if it cannot be imported."""
    try:
        return issubclass(get_class(target), kind)
    except Exception:  # Hydra raises several types, and a module of anyone's may raise any
        return False


@functools.cache
def _class_of(target: str) -> type[Task] | None:
    return get_class(target) if target and is_kind(target, Task) else None
