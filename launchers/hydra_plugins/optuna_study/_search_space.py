"""The search space: Hydra's overrides as Optuna's distributions, and what Optuna chose as overrides again."""

import dataclasses
import decimal
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import (
    IntervalSweep,
    Override,
    Quote,
    QuotedString,
    RangeSweep,
    Sweep,
    Transformer,
)
from hydra.errors import HydraException
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.optuna_study._flat import check_flat
from hydra_plugins.optuna_study._one_line import one_line
from optuna.distributions import (
    BaseDistribution,
    CategoricalChoiceType,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A key that Optuna chooses values of.

    Attributes:
      key: as in an override, with its `+`.
      distribution: what Optuna chooses from.
      texts: of choices: Optuna's choice -> the text of its override. Optuna takes numbers, truth values, None and
        strings alone; a list or a dictionary is represented by its text.
      condition: override of another parameter without which this one has no meaning; empty if it always has.
    """

    key: str
    distribution: BaseDistribution
    texts: Mapping[CategoricalChoiceType, str] | None = None
    condition: str = ""

    @property
    def name(self) -> str:
        """In the study: ranges of one key under different conditions are different parameters."""
        return f"{self.key}@{self.condition}" if self.condition else self.key

    def override(self, value: CategoricalChoiceType) -> str:
        """The override that gives the key a value that Optuna chose."""
        return f"{self.key}={override_text(value) if self.texts is None else self.texts[value]}"


@dataclasses.dataclass(frozen=True)
class SearchSpace:
    """What every trial is made of.

    Attributes:
      parts: in the order of the command, overrides that are the same in all trials as text, and parameters; those that
        depend on others come last.
    """

    parts: Sequence[str | Parameter]

    @property
    def parameters(self) -> list[Parameter]:
        """Those that Optuna chooses."""
        return [part for part in self.parts if isinstance(part, Parameter)]

    @property
    def fixed(self) -> list[str]:
        """Overrides that are the same in all trials."""
        return [part for part in self.parts if isinstance(part, str)]

    def draw(self, choose: Callable[[Parameter], CategoricalChoiceType]) -> None:
        """Chooses a value of every parameter that has a meaning together with those chosen before."""
        drawn: set[str] = set()
        for parameter in self.parameters:
            if not parameter.condition or parameter.condition in drawn:
                drawn.add(parameter.override(choose(parameter)))

    def overrides(self, chosen: Mapping[str, CategoricalChoiceType]) -> list[str]:
        """A trial's overrides.

        Args:
          chosen: name -> value, of all parameters that have a meaning, and perhaps others, which come last.
        """
        known = {parameter.name for parameter in self.parameters}
        texts = [
            part if isinstance(part, str) else part.override(chosen[part.name])
            for part in self.parts
            if isinstance(part, str) or part.name in chosen
        ]
        return texts + [f"{key}={override_text(value)}" for key, value in chosen.items() if key not in known]


def search_space(
    params: Mapping[str, Any],
    older: Mapping[str, Any],
    arguments: Iterable[str],
    config_loader: ConfigLoader | None,
    conditional: Mapping[str, Any] | None = None,
) -> SearchSpace:
    """The search space of a sweep; of overrides for one key the last counts.

    Args:
      params: `hydra.sweeper.params`.
      older: `hydra.sweeper.search_space`.
      arguments: overrides of the command line.
      config_loader: knows the options of config groups, for `glob(*)`.
      conditional: `hydra.sweeper.when`.

    Raises:
      LaunchError: an override is not of Hydra's grammar, or nothing can be chosen from it.
    """
    check_flat("hydra.sweeper.params", params)
    parts: dict[tuple[bool, str], str | Parameter] = {}
    for key, entry in older.items():
        parts[False, key.lstrip("+")] = _older_parameter(key, entry)
    for text in (*_texts(params), *arguments):
        override = _parsed(text, config_loader)
        place = (override.is_delete(), override.get_key_element().lstrip("+~"))
        parts.pop(place, None)  # the order is that of what counts: a group may be deleted and added again
        try:
            parts[place] = parameter(override) if override.is_sweep_override() else text
        except (ValueError, HydraException) as error:
            raise LaunchError(f"{text}: {one_line(error)}") from None
    always = list(parts.values())
    return SearchSpace([*always, *_conditional(conditional or {}, SearchSpace(always), config_loader)])


def _texts(params: Mapping[str, Any]) -> list[str]:
    return [f"{key}={value if isinstance(value, str) else Transformer.str(value)}" for key, value in params.items()]


def _conditional(when: Mapping[str, Any], always: SearchSpace, loader: ConfigLoader | None) -> Iterable[Parameter]:
    """Of `hydra.sweeper.when`: key -> its value -> parameters that belong to it."""
    choices = {parameter.key: parameter.texts for parameter in always.parameters if parameter.texts}
    for key, by_value in when.items():
        if key not in choices or not isinstance(by_value, Mapping):
            raise LaunchError(
                f"hydra.sweeper.when.{key}: of the form key: {{value: {{parameter: values}}}}, for a key that the "
                f"search chooses from a list ({', '.join(choices) or 'there is none'})"
            )
        for value, params in by_value.items():
            text = value if isinstance(value, str) else override_text(value)
            if text not in choices[key].values() or not isinstance(params, Mapping):
                raise LaunchError(
                    f"hydra.sweeper.when.{key}.{value}: none of {', '.join(choices[key].values())}, "
                    "or without parameters"
                )
            for word in _texts(params):
                override = _parsed(word, loader)
                try:
                    found = parameter(override) if override.is_sweep_override() else _only(override)
                except (ValueError, HydraException) as error:
                    raise LaunchError(f"hydra.sweeper.when.{key}.{value}: {word}: {one_line(error)}") from None
                yield dataclasses.replace(found, condition=f"{key}={text}")


def _only(override: Override) -> Parameter:
    """A parameter that has one value."""
    texts = _texts_by_choice(override.get_key_element(), [override.value()])
    return Parameter(override.get_key_element(), CategoricalDistribution(list(texts)), texts)


def parameter(override: Override) -> Parameter:
    """The parameter of an override with several values.

    Raises:
      ValueError: nothing can be chosen from it.
    """
    key, sweep = override.get_key_element(), override.value()
    tags: set[str] = getattr(sweep, "tags", set())
    if tags - {"log"} or (tags and not isinstance(sweep, IntervalSweep)):
        raise ValueError("tag(log, interval(...)) is the only tag with a meaning here")
    if isinstance(sweep, IntervalSweep):
        return Parameter(key, _interval(sweep.start, sweep.end, "log" in tags))
    if isinstance(sweep, RangeSweep):
        return Parameter(key, _range(sweep.start, sweep.stop, sweep.step))
    texts = _texts_by_choice(key, list(override.sweep_iterator()))
    return Parameter(key, CategoricalDistribution(list(texts)), texts)


def override_text(value: Any) -> str:
    """A value as the right side of an override that Hydra reads as that value again.

    Args:
      value: number, truth value, None, string, list, dictionary, or a string that was quoted.
    """
    text = Transformer.str(value)
    if isinstance(value, str) and not _reads_as(text, value):
        return QuotedString(value, Quote.single).with_quotes()
    return text


def read_value(text: str) -> Any:
    """What Hydra reads on the right side of an override, without quotes; the text itself if that is not one value."""
    try:
        override = OverridesParser.create().parse_override(f"key={text}")
    except Exception:  # the parser has more than one kind
        return text
    return text if override.is_sweep_override() else override.value()


def _reads_as(text: str, value: str) -> bool:
    try:
        return OverridesParser.create().parse_override(f"key={text}").value() == value
    except Exception:  # the parser has more than one kind
        return False


def _parsed(text: str, config_loader: ConfigLoader | None) -> Override:
    try:
        return OverridesParser.create(config_loader=config_loader).parse_overrides([text])[0]
    except Exception as error:  # of a mixture of sweeps Hydra 1.3 raises a ValidationError of its own
        raise LaunchError(f"{text}: not of the form key=value that Hydra reads ({one_line(error)})") from None


def _interval(start: float | None, end: float | None, log: bool) -> BaseDistribution:
    if start is None or end is None or not (math.isfinite(start) and math.isfinite(end)):
        raise ValueError("an interval has two finite ends")
    if isinstance(start, int) and isinstance(end, int):
        return IntDistribution(start, end, log=log)
    return FloatDistribution(float(start), float(end), log=log)


def _range(start: float | None, stop: float | None, step: float) -> BaseDistribution:
    """Of Hydra's `range`, which leaves `stop` out."""
    first, end, by = (decimal.Decimal(str(number)) for number in (start, stop, step))
    count = math.ceil((end - first) / by) if by else 0
    if count < 1:
        raise ValueError("the range is empty")
    low, high = sorted((first, first + (count - 1) * by))
    if all(isinstance(number, int) for number in (start, stop, step)):
        return IntDistribution(int(low), int(high), step=abs(int(step)))
    return FloatDistribution(float(low), float(high), step=abs(float(step)))


def _texts_by_choice(key: str, elements: Sequence[Any]) -> dict[CategoricalChoiceType, str]:
    if not elements:
        raise ValueError("there is nothing to choose from")
    if any(isinstance(element, Sweep) for element in elements):
        raise ValueError("intervals and ranges cannot be choices among others")
    pairs = [(_choice(element), override_text(element)) for element in elements]
    texts = dict(pairs)
    if len(texts) < len({text for _, text in pairs}):  # 1 and true are equal in Python, so are a and 'a'
        return {text: text for _, text in pairs}
    return texts


def _choice(element: Any) -> CategoricalChoiceType:
    if isinstance(element, QuotedString):
        return element.text
    if isinstance(element, float) and not math.isfinite(element):
        return str(element)
    return element if element is None or isinstance(element, bool | int | float | str) else override_text(element)


def _older_parameter(key: str, entry: Any) -> Parameter:
    """Of `hydra.sweeper.search_space`."""
    try:
        kind = str(getattr(entry["type"], "name", entry["type"]))
        if kind == "categorical":
            texts = _texts_by_choice(key, list(entry["choices"]))
            return Parameter(key, CategoricalDistribution(list(texts)), texts)
        make, number = {"int": (IntDistribution, int), "float": (FloatDistribution, float)}[kind]
        options = {"log": bool(entry.get("log"))}
        if entry.get("step") is not None:
            options["step"] = number(entry["step"])
        return Parameter(key, make(number(entry["low"]), number(entry["high"]), **options))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LaunchError(
            f"hydra.sweeper.search_space.{key}: {one_line(error)}; it is {{type: int | float, low: 0, high: 1, "
            "log: false, step: null} or {type: categorical, choices: [a, b]}"
        ) from None
