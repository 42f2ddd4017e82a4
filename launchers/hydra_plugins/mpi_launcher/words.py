"""The words of a sweep's jobs: which of them tell the jobs apart."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence


def by_key(words: Iterable[str]) -> dict[str, str]:
    """`{"seed": "1"}` for `seed=1` or `+seed=1`."""
    return {word.partition("=")[0].lstrip("+"): word.partition("=")[2] for word in words}


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
