"""Refuses a wrong config before TensorFlow is imported: limits of single keys, then combinations."""

import dataclasses
import math
import re
from collections.abc import Iterator
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf

from data.config import MODEL_SIZE
from data.errors import UserError
from engine.config import Config, DATASETS_OF, METRICS_OF, MODELS_OF, SCHEMAS


def validate(config: DictConfig) -> None:
    """Checks a composed config, whose keys and types Hydra has checked already.

    Raises:
      UserError: naming the key, its value and the values that it takes.
    """
    for key in config:
        if key not in {field.name for field in dataclasses.fields(Config)}:
            raise UserError(str(key), "no such key")
    for group in (field.name for field in dataclasses.fields(Config) if OmegaConf.is_dict(config[field.name])):
        unknown = set(config[group]) - {field.name for field in dataclasses.fields(schema_of(config, group))}
        if unknown:
            raise UserError(f"{group}.{min(unknown)}", "no such key")
    for key, value, limits in _limited_values(config):
        _check_limits(key, value, limits)
    _check_combinations(config)


def schema_of(config: DictConfig, group: str) -> type:
    """The dataclass that describes the chosen option of a group."""
    if group in SCHEMAS:
        return SCHEMAS[group][config[group].name]
    return next(f.type for f in dataclasses.fields(Config) if f.name == group)


def limits_of(key: str) -> tuple[str, dict[str, Any]]:
    """(type in words, limits) of a dotted key, from the first schema that has it."""
    group, _, leaf = key.partition(".")
    schemas = [Config] if not leaf else list(SCHEMAS.get(group, {}).values()) or [_ROOT_SCHEMAS[group]]
    for schema in schemas:
        for field in dataclasses.fields(schema):
            if field.name == (leaf or group):
                return _TYPE_WORDS.get(field.type, ""), dict(field.metadata)
    return "", {}


def describe_limits(limits: dict[str, Any], kind: str = "") -> str:
    """In words, which values a key takes.

    Args:
      limits: from the schema's field metadata.
      kind: the type in words.
    """
    if "choices" in limits:
        return " | ".join(limits["choices"])
    return " ".join(filter(None, (kind, _describe_bounds(limits)))) or "see its comment in conf/"


def _describe_bounds(limits: dict[str, Any]) -> str:
    low, high, above = limits.get("low"), limits.get("high"), limits.get("above")
    bounds = []
    if above is not None:
        bounds.append(f"above {_number(above)}")
    if low is not None and high is not None:
        return f"{_number(low)} to {_number(high)}"
    if low is not None:
        bounds.append(f"{_number(low)} or more")
    if high is not None:
        bounds.append(f"{_number(high)} at most")
    return ", ".join(bounds)


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


_TYPE_WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "true | false",
    str: "text",
    list[int]: "a list of whole numbers",
    list[float]: "a list of numbers",
}
_ROOT_SCHEMAS = {f.name: f.type for f in dataclasses.fields(Config) if dataclasses.is_dataclass(f.type)}


def _limited_values(config: DictConfig) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    for field in dataclasses.fields(Config):
        if field.metadata:
            yield field.name, config[field.name], dict(field.metadata)
        elif OmegaConf.is_dict(config[field.name]):
            for leaf in dataclasses.fields(schema_of(config, field.name)):
                yield f"{field.name}.{leaf.name}", config[field.name][leaf.name], dict(leaf.metadata)


def _check_limits(key: str, value: Any, limits: dict[str, Any]) -> None:
    for item in value if OmegaConf.is_list(value) else [value]:
        good = True
        if "choices" in limits:
            good = item in limits["choices"]
        elif isinstance(item, int | float):
            good = not math.isnan(item)
            good = good and limits.get("low", -math.inf) <= item <= limits.get("high", math.inf)
            good = good and item > limits.get("above", -math.inf)
        if not good:
            raise UserError(key, f"{item} is not a value that it takes ({describe_limits(limits)})")


def _check_levels(model: DictConfig) -> None:
    """Every level of a cleaner halves the picture, which has to come out even."""
    block = model.get("block_size", 1)
    halvings = len(model.filters) - (1 if model.name == "unet" else 0)
    if MODEL_SIZE % block:
        raise UserError("model.block_size", f"{MODEL_SIZE} pixels cannot be cut into blocks of {block}")
    window = model.get("window", MODEL_SIZE)
    if window % 8 or window % (block * 2**halvings):
        raise UserError(
            "model.window", f"{window} pixels cannot be halved evenly at every level, nor cut into bytes of 8 pixels"
        )
    if not model.filters or MODEL_SIZE // block % 2**halvings:
        raise UserError(
            "model.filters",
            f"{len(model.filters)} levels on blocks of {block} need a picture whose side divides by "
            f"{block * 2**halvings}; it has {MODEL_SIZE} pixels",
        )


def _check_pyramid(model: DictConfig) -> None:
    """Every level of a detector halves the page, which has to come out even for the levels to be added up."""
    if len(model.input_size) != 2:
        raise UserError("model.input_size", f"{list(model.input_size)} is not [height, width]")
    stride = 2**model.max_level
    if any(side % stride for side in model.input_size):
        raise UserError(
            "model.input_size", f"{list(model.input_size)} are not multiples of {stride}, 2 to the power of max_level"
        )
    if not model.aspect_ratios:
        raise UserError("model.aspect_ratios", "an anchor needs one")
    if "filters" in model and len(model.filters) != model.max_level - 1:
        raise UserError(
            "model.filters", f"has {len(model.filters)} levels; levels 2 to {model.max_level} are {model.max_level - 1}"
        )
    if "head_convolutions" in model and len(model.head_convolutions) != 2:
        raise UserError("model.head_convolutions", f"{list(model.head_convolutions)} is not [shared, of each part]")


def _check_scale(scale: ListConfig) -> None:
    if len(scale) != 2 or scale[0] > scale[1]:
        raise UserError("dataset.scale", f"{list(scale)} is not [smallest, largest]")


def _check_hardware(hardware: DictConfig) -> None:
    if hardware.binding not in ("none", "core") and not re.fullmatch(r"[a-z]\w*(:[\w=,:]+)?", hardware.binding):
        raise UserError(
            "hardware.binding", f"{hardware.binding} is neither none nor core, nor a value of mpirun --map-by"
        )
    if (hardware.device == "cpu") != (hardware.devices == 0):
        raise UserError(
            "hardware.devices", f"{hardware.devices} cards do not go with hardware.device={hardware.device}"
        )
    if hardware.devices and hardware.devices != hardware.processes:
        raise UserError(
            "hardware.devices", f"{hardware.devices} cards for {hardware.processes} processes; each has one card"
        )


def _check_trainer(config: DictConfig) -> None:
    trainer = config.trainer
    steps = list(trainer.profile_steps)
    if steps and not (len(steps) == 2 and 1 < steps[0] <= steps[1] <= trainer.train_steps):
        raise UserError(
            "trainer.profile_steps", f"{steps} is not [first, last] with 2 <= first <= last <= {trainer.train_steps}"
        )
    if trainer.repeats > 1 and trainer.prune_after:
        raise UserError("trainer.prune_after", "a config with repeats is not pruned; use one of the two")


def _check_combinations(config: DictConfig) -> None:
    task = config.task.name
    for group, allowed in (("dataset", DATASETS_OF[task]), ("model", MODELS_OF[task])):
        if config[group].name not in allowed:
            raise UserError(group, f"{config[group].name} does not go with task={task} ({group}={' | '.join(allowed)})")
    if config.task.metric not in METRICS_OF[task]:
        raise UserError(
            "task.metric", f"{config.task.metric} is not a value that it takes ({' | '.join(METRICS_OF[task])})"
        )
    if task == "cleaner":
        _check_levels(config.model)
    else:
        _check_pyramid(config.model)
        _check_scale(config.dataset.scale)
    _check_hardware(config.hardware)
    drops = list(config.model.drops)
    if drops != sorted(drops):
        raise UserError("model.drops", f"{drops} does not rise")
    if (
        task == "cleaner"
        and config.dataset.name == "synthetic"
        and config.dataset.held_out_writers >= config.dataset.writers
    ):
        raise UserError(
            "dataset.held_out_writers",
            f"{config.dataset.held_out_writers} held out of {config.dataset.writers} writers leaves none to train on",
        )
    _check_trainer(config)
    if config.mode == "predict" and not config.predict.input:
        raise UserError("predict.input", "mode=predict needs an image file or a folder of images")
    if config.mode == "compare" and not config.runs:
        raise UserError("runs", "mode=compare needs a folder of runs or a pattern", ("runs=outputs/cleaner",))
