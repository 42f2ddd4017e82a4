"""The words of a sweep's jobs: which of them tell the jobs apart."""

import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence


def by_key(words: Iterable[str]) -> dict[str, str]:
    """`{"seed": "1"}` for `seed=1` or `+seed=1`; a quoted value comes without its quotes."""
    return dict(map(_key_and_value, words))


@functools.lru_cache(maxsize=4096)
def _key_and_value(word: str) -> tuple[str, str]:
    key, _, value = word.partition("=")  # a key holds none
    return key.strip().lstrip("+~"), _unquoted(word, value.strip())


def _unquoted(word: str, value: str) -> str:
    if not value.startswith(("'", '"')):
        return value
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        parsed = OverridesParser.create().parse_override(word).value()
    except HydraException:
        return value
    return parsed if isinstance(parsed, str) else value


def swept_keys(jobs: Sequence[Sequence[str]]) -> list[str]:
    """Keys of the words that differ between jobs, in the order of their first appearance; all, if none does."""
    every = [by_key(words) for words in jobs]
    values: dict[str, set[str | None]] = {key: set() for words in every for key in words}
    for key, seen in values.items():
        seen.update(words.get(key) for words in every)
    return [key for key, seen in values.items() if len(seen) > 1] or list(values)


def told_apart(words: Iterable[str], keys: Iterable[str]) -> str:
    """The words of one job that have these keys."""
    values = by_key(words)
    return " ".join(f"{key}={values[key]}" for key in keys if key in values)


def short_names(keys: Sequence[str]) -> Mapping[str, str]:
    """The shortest ends of dotted keys that no other key of them has: `learning_rate` for `model.learning_rate`."""
    parts = {key: key.split(".") for key in keys}
    ends = Counter(".".join(of[-count:]) for of in parts.values() for count in range(1, len(of) + 1))
    unique = {key: [n for n in range(1, len(of)) if ends[".".join(of[-n:])] == 1] for key, of in parts.items()}
    return {key: ".".join(of[-unique[key][0] :]) if unique[key] else key for key, of in parts.items()}
