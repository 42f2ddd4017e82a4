"""The overrides of a sweep's jobs: which of them distinguish the jobs."""

import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence


def by_key(overrides: Iterable[str]) -> dict[str, str]:
    """`{"seed": "1"}` for `seed=1` or `+seed=1`; a quoted value comes without its quotes."""
    return dict(map(_key_and_value, overrides))


@functools.lru_cache(maxsize=4096)
def _key_and_value(override: str) -> tuple[str, str]:
    key, _, value = override.partition("=")  # a key holds none
    return key.strip().lstrip("+~"), _unquoted(override, value.strip())


def _unquoted(override: str, value: str) -> str:
    if not value.startswith(("'", '"')):
        return value
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        parsed = OverridesParser.create().parse_override(override).value()
    except HydraException:
        return value
    return parsed if isinstance(parsed, str) else value


def varying_keys(jobs: Sequence[Sequence[str]]) -> list[str]:
    """Keys whose values differ between jobs, in the order of their first appearance; all keys if none does.

    Args:
      jobs: overrides of each job.
    """
    every = [by_key(overrides) for overrides in jobs]
    values: dict[str, set[str | None]] = {key: set() for each in every for key in each}
    for key, seen in values.items():
        seen.update(each.get(key) for each in every)
    return [key for key, seen in values.items() if len(seen) > 1] or list(values)


def with_keys(overrides: Iterable[str], keys: Iterable[str]) -> str:
    """The overrides of one job that set some keys, as text."""
    values = by_key(overrides)
    return " ".join(f"{key}={values[key]}" for key in keys if key in values)


def short_names(keys: Sequence[str]) -> Mapping[str, str]:
    """For each dotted key its shortest end that no other key has: `learning_rate` for `model.learning_rate`."""
    parts = {key: key.split(".") for key in keys}
    ends = Counter(".".join(of[-count:]) for of in parts.values() for count in range(1, len(of) + 1))
    unique = {key: [n for n in range(1, len(of)) if ends[".".join(of[-n:])] == 1] for key, of in parts.items()}
    return {key: ".".join(of[-unique[key][0] :]) if unique[key] else key for key, of in parts.items()}
