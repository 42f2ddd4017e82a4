"""Converts a composed config to objects, and refuses an invalid one, before TensorFlow is imported."""

import copy
import dataclasses
import functools
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from hydra.utils import get_class
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from data.errors import UserError
from data.options import accept, Options, TARGET
from engine.config import Config, FIXED_GROUPS, OPEN_GROUPS, Root
from engine.option_files import OptionFiles
from engine.tasks import is_kind, tasks_of_dataset
from models.part_metrics import part_name

O = TypeVar("O", bound=Options)  # noqa: E741


def accept_config(composed: DictConfig) -> Config:
    """The objects of a composed config.

    Raises:
      UserError: a key or a combination of keys is invalid; the message has the key, its value and the allowed values.
      OmegaConfBaseException: an interpolation leads nowhere.
    """
    names = [str(name) for name in composed if name != "hydra"]
    values = OmegaConf.to_container(OmegaConf.masked_copy(composed, names), resolve=True)
    assert isinstance(values, dict)
    groups = {name: values.pop(name, None) or {} for name in (*OPEN_GROUPS, *FIXED_GROUPS)}
    if "experiment" in values:
        raise UserError(
            "experiment",
            "the recipe's keys lie below `experiment`",
            ("the first line of its file has to be:  # @package _global_",),
        )
    root = accept(Root, {str(key): value for key, value in values.items()})
    task: Any = _open(groups, "task", OPEN_GROUPS["task"])
    kinds = {**OPEN_GROUPS, "model": task.model_type, "dataset": task.dataset_type}
    accepted = {
        "task": task,
        **{name: _open(groups, name, kinds[name], task.name) for name in ("hardware", "model", "dataset")},
        **{name: accept(kind, groups[name], name) for name, kind in FIXED_GROUPS.items()},
    }
    config = Config(**dataclasses.asdict(root), **accepted, composed=composed)
    check_metric_part(config)
    if config.mode == "predict" and not config.predict.input:
        raise UserError("predict.input", "mode=predict needs an image file or a folder of images")
    if config.mode == "extract" and not config.extract.input:
        raise UserError("extract.input", "mode=extract needs an image or PDF file, or a folder of them")
    if config.mode == "train" and config.dataset.part != "validation":
        raise UserError(
            "dataset.part",
            f"{config.dataset.part}: training picks its checkpoints on the validation part",
            ("leave it out; mode=eval dataset.part=test measures on the test part",),
        )
    if config.mode == "compare" and not config.runs:
        raise UserError("runs", "mode=compare needs a folder of runs or a pattern", ("runs=outputs/cleaner",))
    return config


def check_metric_part(config: Config) -> None:
    """Refuses a metric of a part that the dataset does not have.

    Raises:
      UserError: it has no such part.
    """
    part, parts = part_name(config.task.metric), config.dataset.part_names()
    if config.mode == "train" and part and part not in parts:
        has = f"parts {', '.join(parts)}" if parts else "no parts"
        raise UserError("task.metric", f"{config.task.metric}: dataset={config.dataset.name} has {has}")


def changed(config: Config, changes: Mapping[str, Any]) -> Config:
    """A config with some values changed.

    Args:
      config: accepted.
      changes: dotted key -> value.
    """
    composed = copy.deepcopy(config.composed)
    with read_write(composed), open_dict(composed):
        for key, value in changes.items():
            OmegaConf.update(composed, key, value)
    return accept_config(composed)


def _open(groups: dict[str, Any], name: str, kind: type[O], task: str = "") -> O:
    """The object of a group whose option names its class."""

    def open_option(values: Mapping[str, Any], key: str) -> Options:
        found = class_of(values, key, name)
        if not issubclass(found, kind):
            chosen = values.get("name", found.__name__)
            allowed = OptionFiles().names_of(name, task, functools.partial(is_kind, kind=kind))
            fitting = f" ({name}={' | '.join(allowed)})" if allowed else ""
            remedies = tuple(f"it goes with  task={other}" for other in tasks_of_dataset(chosen) if name == "dataset")
            raise UserError(key, f"{chosen} does not go with task={task}{fitting}", remedies)
        return accept(found, values, key, open_option)

    opened: Any = open_option(groups[name], name)
    return opened


def class_of(values: Mapping[str, Any], key: str, group: str = "") -> type[Options]:
    """The class that the chosen option of a group names by `_target_`.

    Args:
      values: of the option.
      key: where it stands in the config.
      group: of options; empty if the key is its name.

    Raises:
      UserError: it names none, or none that can be imported.
    """
    target = values.get(TARGET)
    if not target:
        choose = f"+{group}@{key}" if group and group != key else key
        what = "names no class" if values else f"no option is chosen; choose one:  {choose}=..."
        raise UserError(f"{key}.{TARGET}", f"{what}; the file of an option says  {TARGET}: package.module.Class")
    try:
        found = get_class(str(target))
    except Exception as error:  # Hydra raises several types, and a module of anyone's may raise any
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise UserError(
            f"{key}.{TARGET}",
            f"{target} cannot be imported ({reason})",
            ("put the folder of its package on the path:  PYTHONPATH=<folder> python train.py ...",),
        ) from None
    if not (isinstance(found, type) and issubclass(found, Options) and dataclasses.is_dataclass(found)):
        raise UserError(f"{key}.{TARGET}", f"{target} is not a dataclass of options; see docs/extending.md")
    return found


def in_part(key: str) -> str:
    """The key of a dataset for a key of a part of a mixture, dataset.root for dataset.parts.real.root; else the key."""
    return _OF_PART.sub("dataset.", key)


_OF_PART = re.compile(r"^dataset\.parts\.[^.]+\.")


def field_of(key: str) -> "dataclasses.Field[Any] | None":
    """The field behind a dotted key, of the first option that has it; None if none has it."""
    group, _, leaf = in_part(key).rpartition(".")
    kinds = [FIXED_GROUPS.get(group, Root)] if group not in OPEN_GROUPS else _kinds_of(group)
    return next((field for kind in kinds for field in dataclasses.fields(kind) if field.name == leaf), None)


def _kinds_of(group: str) -> list[type[Options]]:
    targets = OptionFiles().targets(group)
    return [get_class(target) for target in targets if is_kind(target, OPEN_GROUPS[group])]
