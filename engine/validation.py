"""Converts a composed config to objects, and refuses an invalid one, before TensorFlow is imported."""

import copy
import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, TypeVar

from hydra.utils import get_class
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from data.errors import UserError
from data.options import accept, Options, TARGET
from engine.config import Config, FIXED_GROUPS, OPEN_GROUPS, Root
from engine.option_files import OptionFiles
from engine.tasks import is_kind

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
    if config.mode == "predict" and not config.predict.input:
        raise UserError("predict.input", "mode=predict needs an image file or a folder of images")
    if config.mode == "train" and config.dataset.part != "validation":
        raise UserError(
            "dataset.part",
            f"{config.dataset.part}: training picks its checkpoints on the validation part",
            ("leave it out; mode=eval dataset.part=test measures on the test part",),
        )
    if config.mode == "compare" and not config.runs:
        raise UserError("runs", "mode=compare needs a folder of runs or a pattern", ("runs=outputs/cleaner",))
    return config


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
    values = groups[name]
    found = class_of(values, name)
    if not issubclass(found, kind):
        chosen = values.get("name", found.__name__)
        allowed = OptionFiles().names_of(name, task, functools.partial(is_kind, kind=kind))
        fitting = f" ({name}={' | '.join(allowed)})" if allowed else ""
        raise UserError(name, f"{chosen} does not go with task={task}{fitting}")
    return accept(found, values, name)


def class_of(values: Mapping[str, Any], group: str) -> type[Options]:
    """The class that the chosen option of a group names by `_target_`.

    Raises:
      UserError: it names none, or none that can be imported.
    """
    target = values.get(TARGET)
    if not target:
        what = "names no class" if values else f"no option is chosen; choose one:  {group}=..."
        raise UserError(f"{group}.{TARGET}", f"{what}; the file of an option says  {TARGET}: package.module.Class")
    try:
        found = get_class(str(target))
    except Exception as error:  # Hydra raises several types, and a module of anyone's may raise any
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise UserError(
            f"{group}.{TARGET}",
            f"{target} cannot be imported ({reason})",
            ("put the folder of its package on the path:  PYTHONPATH=<folder> python train.py ...",),
        ) from None
    if not (isinstance(found, type) and issubclass(found, Options) and dataclasses.is_dataclass(found)):
        raise UserError(f"{group}.{TARGET}", f"{target} is not a dataclass of options; see docs/extending.md")
    return found


def field_of(key: str) -> "dataclasses.Field[Any] | None":
    """The field behind a dotted key, of the first option that has it; None if none has it."""
    group, _, leaf = key.rpartition(".")
    kinds = [FIXED_GROUPS.get(group, Root)] if group not in OPEN_GROUPS else _kinds_of(group)
    return next((field for kind in kinds for field in dataclasses.fields(kind) if field.name == leaf), None)


def _kinds_of(group: str) -> list[type[Options]]:
    targets = OptionFiles().targets(group)
    return [get_class(target) for target in targets if is_kind(target, OPEN_GROUPS[group])]
