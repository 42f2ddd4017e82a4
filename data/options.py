"""Options of a config group as objects: typed values within limits, checked before anything heavy is imported."""

import dataclasses
import difflib
import math
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_origin, TypeVar

from omegaconf import MISSING, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from data.errors import UserError

TARGET = "_target_"
"""Key of a config file that names the class of its options, as in Hydra's `instantiate`."""

NO_SUCH_KEY = "no such key"
"""Beginning of the reason of an error about an unknown key."""

_KINDS = {
    int: "a whole number",
    float: "a number",
    bool: "true | false",
    str: "text",
    list[int]: "a list of whole numbers",
    list[float]: "a list of numbers",
    list[str]: "a list of texts",
}

T = TypeVar("T", bound="Options")


def option(
    *,
    choices: tuple[str, ...] | None = None,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    former: Any = None,
    splits: bool = False,
) -> Any:
    """A field of an `Options` class that a config file must fill.

    The type is the annotation's, which OmegaConf checks; `accept` checks the limits.

    Args:
      choices: the texts that a str field takes.
      low, high: inclusive bounds of a number, or of each number in a list.
      above: exclusive lower bound of a number.
      former: value that runs had before the key existed; None if all runs have the key.
      splits: whether the key decides which part of a split an example of a dataset is in.
    """
    limits = {"choices": choices, "low": low, "high": high, "above": above, "former": former, "splits": splits or None}
    return dataclasses.field(default=MISSING, metadata={k: v for k, v in limits.items() if v is not None})


_BY_NAME = "by_name"


def options_by_name(add: str) -> Any:
    """A field of an `Options` class that holds several options of the same group, each by a name of its own.

    The annotation is `dict[str, Any]`; `accept` fills it with objects.

    Args:
      add: how a user adds one, for error messages.
    """
    return dataclasses.field(default=MISSING, metadata={_BY_NAME: add})


def is_by_name(field: "dataclasses.Field[Any]") -> bool:
    """Whether a field was declared by `options_by_name`."""
    return _BY_NAME in field.metadata


@dataclasses.dataclass
class Options:
    """The values of an option of a config group. Subclasses are dataclasses whose fields are the keys of its file."""

    def check(self) -> None:
        """Refuses values that contradict each other; types and limits have been checked.

        Raises:
          UserError: values contradict each other.
        """
        return None  # the fields of most options are independent


def former_values(kind: type[Options]) -> dict[str, Any]:
    """Key -> value that stands for the behaviour of versions without the key."""
    return {field.name: field.metadata["former"] for field in dataclasses.fields(kind) if "former" in field.metadata}


def of_today(options: Options, recorded: Mapping[str, Any]) -> dict[str, Any]:
    """The recorded values of an option as values of the current keys.

    Keys that the option does not have are left out; keys that the record lacks get their former values.

    Args:
      options: the current option.
      recorded: key -> value, possibly from an earlier version.
    """
    fields = {field.name: field for field in dataclasses.fields(options)}
    values = {key: value for key, value in {**former_values(type(options)), **recorded}.items() if key in fields}
    for name in (name for name, field in fields.items() if is_by_name(field) and isinstance(values.get(name), Mapping)):
        now = getattr(options, name)
        values[name] = {
            key: of_today(now[key], value) if key in now and isinstance(value, Mapping) else value
            for key, value in values[name].items()
        }
    return values


OpenOption = Callable[[Mapping[str, Any], str], Options]
"""Makes the object of an option from its values and its key in the config."""


def accept(kind: type[T], values: Mapping[str, Any], group: str = "", open_option: OpenOption | None = None) -> T:
    """Turns the values of a config group into an object.

    Args:
      kind: class of the object.
      values: key -> value, interpolations resolved; `_target_` is ignored.
      group: prefix of the keys in errors; empty for keys of the top level.
      open_option: makes the objects of a field of `options_by_name`; None if the class has no such field.

    Raises:
      UserError: a key is unknown or has no value, a value is of another type or outside its limits, or `check` refuses.
    """
    prefix = f"{group}." if group else ""
    fields = {field.name: field for field in dataclasses.fields(kind)}
    given = {key: value for key, value in values.items() if key != TARGET}
    for key in given.keys() - fields.keys():
        close = difflib.get_close_matches(str(key), fields, n=1)
        raise UserError(f"{prefix}{key}", f"{NO_SUCH_KEY}.{f' Did you mean {prefix}{close[0]}?' if close else ''}")
    node = OmegaConf.structured(kind)
    by_name = {name: given.pop(name, None) or {} for name, field in fields.items() if is_by_name(field)}
    for name in by_name:
        node[name] = {}
    for name, value in given.items():
        try:
            node[name] = _literal(value)
        except OmegaConfBaseException:
            raise _refused(f"{prefix}{name}", value, fields[name]) from None
    for name, field in fields.items():
        if OmegaConf.is_missing(node, name):
            raise UserError(f"{prefix}{name}", f"has no value ({describe_limits(field)})")
        items = node[name] if OmegaConf.is_list(node[name]) else [node[name]]
        for item in items:
            if not _within(item, field.metadata):
                raise UserError(f"{prefix}{name}", f"{item} is not a value that it takes ({_choices_or_bounds(field)})")
    accepted: Any = OmegaConf.to_object(node)
    for name, options in by_name.items():
        setattr(accepted, name, _opened(options, f"{prefix}{name}", fields[name], open_option))
    try:
        accepted.check()
    except UserError as error:
        what, why, *remedies = (keys_in(group, text) for text in (error.what, error.why, *error.remedies))
        raise UserError(what, why, tuple(remedies)) from None
    return accepted


def keys_in(group: str, text: str, but: tuple[str, ...] = ()) -> str:
    """A text about an option with its keys, `dataset.scale`, as those of a nested group: `dataset.parts.scans.scale`.

    Args:
      group: of the option; a group of the top level leaves the text as it is.
      text: of an error.
      but: keys that stay as they are.
    """
    top, _, inner = group.partition(".")
    if not inner:
        return text
    kept = "|".join((rf"{inner.partition('.')[0]}\.", *(rf"{key}\b" for key in but)))
    return re.sub(rf"\b{top}\.(?!{kept})(?=[a-z_])", f"{group}.", text)


def _opened(
    options: Any, key: str, field: "dataclasses.Field[Any]", open_option: OpenOption | None
) -> dict[str, Options]:
    assert open_option is not None
    if not isinstance(options, Mapping):
        raise _refused(key, options, field)
    for name, values in options.items():
        if not isinstance(values, Mapping) or TARGET not in values:
            raise UserError(f"{key}.{name}", f"is not {_by_name_text(field)}")
    return {str(name): open_option(values, f"{key}.{name}") for name, values in options.items()}


def _by_name_text(field: "dataclasses.Field[Any]") -> str:
    return f"added as  {field.metadata[_BY_NAME]}"


def _literal(value: Any) -> Any:
    """A value with its interpolations, which have been resolved, escaped from OmegaConf."""
    if isinstance(value, str):
        return re.sub(r"(\\*)\$\{", lambda match: match[1] * 2 + "\\${", value)
    return [_literal(item) for item in value] if isinstance(value, list) else value


def describe_limits(field: "dataclasses.Field[Any]") -> str:
    """Which values a field takes, in a few words."""
    if is_by_name(field):
        return _by_name_text(field)
    kind = _KINDS.get(field.type, "")  # type: ignore[arg-type, call-overload]
    if "choices" in field.metadata:
        kind = "a list of" if _is_list(field) else ""
    return " ".join(filter(None, (kind, _choices_or_bounds(field)))) or "see its comment in conf/"


def as_list(key: str, value: object, field: "dataclasses.Field[Any]") -> tuple[str, ...]:
    """The remedy for a single value of a key that takes a list; none for a value that the list does not take either."""
    if not _is_list(field) or not re.fullmatch(r"[\w:.+-]+", str(value)):
        return ()
    (kind,) = get_args(field.type)
    try:
        if not _within(kind(value), field.metadata):
            return ()
    except (TypeError, ValueError):  # text where numbers are taken
        return ()
    return (f"as a list of one:  {shlex.quote(f'{key}=[{value}]')}",)


def _is_list(field: "dataclasses.Field[Any]") -> bool:
    return get_origin(field.type) is list


def _choices_or_bounds(field: "dataclasses.Field[Any]") -> str:
    limits = field.metadata
    return " | ".join(limits["choices"]) if "choices" in limits else _bounds(limits)


def _bounds(limits: Mapping[str, Any]) -> str:
    low, high, above = limits.get("low"), limits.get("high"), limits.get("above")
    if low is not None and high is not None:
        return f"{_number(low)} to {_number(high)}"
    bounds = [f"above {_number(above)}"] if above is not None else []
    bounds += [f"{_number(low)} or more"] if low is not None else []
    bounds += [f"{_number(high)} at most"] if high is not None else []
    return ", ".join(bounds)


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def _within(value: Any, limits: Mapping[str, Any]) -> bool:
    if "choices" in limits:
        return value in limits["choices"]
    if not isinstance(value, int | float):
        return True
    low, high, above = limits.get("low", -math.inf), limits.get("high", math.inf), limits.get("above", -math.inf)
    return not math.isnan(value) and low <= value <= high and (value > above or above == -math.inf)


def _refused(key: str, value: Any, field: "dataclasses.Field[Any]") -> UserError:
    limits = describe_limits(field)
    return UserError(key, f"{value} is not a value that it takes ({limits})", as_list(key, value, field))
