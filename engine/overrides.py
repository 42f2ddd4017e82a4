"""The command line, read by Hydra's own parsers: its options, and its overrides by the grammar of overrides."""

import dataclasses
import functools
import re
from argparse import Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, Sweep
from hydra.errors import HydraException, OverrideParseException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from data.commands import command
from data.errors import UserError


class Overrides:
    """Overrides in the order in which they were given.

    A key is the text before `=` without `+`, `++` and `~`: the key of `~experiment` is `experiment`.

    Args:
      texts: as typed, without the shell's quotes.

    Raises:
      OverrideParseException: one of them is not of Hydra's grammar.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._all = [(text, _parsed(text)) for text in texts]

    @classmethod
    def readable(cls, texts: Iterable[object]) -> "Overrides":
        """Keeps the texts that are overrides, and drops all others."""
        return cls(text for text in texts if isinstance(text, str) and _is_readable(text))

    def __iter__(self) -> Iterator[str]:
        """The texts."""
        return (text for text, _ in self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, key: str) -> bool:
        return any(_key(parsed) == key for _, parsed in self._all)

    def get(self, key: str, default: Any = None) -> Any:
        """The value from the last override of a key: a `Sweep` for several values, the default for `~key`."""
        for _, parsed in reversed(self._all):
            if _key(parsed) == key:
                return default if parsed.is_delete() else parsed.value()
        return default

    def path(self, key: str) -> Path:
        """The path in an override; `${...}` in it is resolved if it needs no other key."""
        text = str(self.get(key, ""))
        try:
            return Path(str(OmegaConf.create({"path": text}).path))
        except OmegaConfBaseException:
            return Path(text)

    def values(self, key: str) -> list[Any]:
        """All values in the last override of a key: one, or those of a choice or range; none for an interval."""
        value = self.get(key)
        if not isinstance(value, Sweep):
            return [] if value is None else [value]
        last = [parsed for _, parsed in self._all if _key(parsed) == key][-1]
        if not last.is_discrete_sweep():
            return []
        return [getattr(each, "text", each) for each in last.sweep_iterator()]

    @property
    def keys(self) -> list[str]:
        """Each key once, in order."""
        return list(dict.fromkeys(_key(parsed) for _, parsed in self._all))

    @property
    def removed(self) -> list[str]:
        """Keys of `~key`."""
        return [_key(parsed) for _, parsed in self._all if parsed.is_delete()]

    @property
    def swept(self) -> list[str]:
        """Keys whose last override has several values."""
        last = {_key(parsed): parsed for _, parsed in self._all}
        return [key for key, parsed in last.items() if parsed.is_sweep_override()]

    def without(self, *keys: str) -> "Overrides":
        """All overrides except those of some keys."""
        return self._selected(lambda parsed: _key(parsed) not in keys)

    def only(self, *keys: str) -> "Overrides":
        """The overrides of some keys."""
        return self._selected(lambda parsed: _key(parsed) in keys)

    def beneath(self, *parents: str) -> "Overrides":
        """The overrides of some keys and of all keys below them (`.`, `/` or `@`)."""
        return self._selected(lambda parsed: _first(_key(parsed)) in parents)

    def outside(self, *parents: str) -> "Overrides":
        """The overrides that `beneath` drops."""
        return self._selected(lambda parsed: _first(_key(parsed)) not in parents)

    def followed_by(self, others: "Overrides") -> "Overrides":
        """These overrides, without those whose key is among the others, followed by the others."""
        joined = Overrides()
        joined._all = [*self.without(*others.keys)._all, *others._all]
        return joined

    def _selected(self, keep: Any) -> "Overrides":
        chosen = Overrides()
        chosen._all = [(text, parsed) for text, parsed in self._all if keep(parsed)]
        return chosen


@dataclasses.dataclass(frozen=True)
class CommandLine:
    """The arguments of train.py.

    Attributes:
      options: Hydra's, such as `-m` and `--config-dir`, with their values.
      given: the options, parsed.
      texts: the overrides, not yet parsed.
    """

    options: list[str]
    given: Namespace
    texts: list[str]

    @classmethod
    def read(cls, arguments: list[str]) -> "CommandLine":
        """Separates options from overrides, in any order.

        Raises:
          UserError: an option is not one of Hydra's, or lacks its value.
        """
        parser = get_args_parser()
        parser.error = _refuse  # type: ignore[method-assign]
        given = parser.parse_intermixed_args(arguments)
        options = list(arguments)
        for text in reversed(given.overrides):
            del options[len(options) - 1 - options[::-1].index(text)]
        return cls(options, given, list(given.overrides))

    @functools.cached_property
    def overrides(self) -> Overrides:
        """Parsed. Raises OverrideParseException."""
        return Overrides(self.texts)

    @property
    def arguments(self) -> list[str]:
        """For `sys.argv`: options first, because Hydra's parser rejects overrides on both sides of an option."""
        return [*self.options, *self.texts]

    def with_overrides(self, overrides: Iterable[str]) -> "CommandLine":
        """A copy with the same options and other overrides."""
        return CommandLine(self.options, self.given, list(overrides))


@functools.lru_cache(maxsize=1024)
def _parsed(text: str) -> Override:
    try:
        return OverridesParser.create().parse_override(text)
    except OverrideParseException:
        raise
    except HydraException as error:  # from the lexer, without the override
        raise OverrideParseException(text, str(error)) from None


def _is_readable(text: str) -> bool:
    try:
        _parsed(text)
    except HydraException:
        return False
    return True


def _refuse(message: str) -> NoReturn:
    match = re.match(r"argument (\S+?)(?:/\S+)?: (.*)|unrecognized arguments: (.*)", message)
    if match and match[3]:
        raise UserError(match[3], "no such option", (f"{command('--help')} and --hydra-help list them",))
    raise UserError(match[1] if match else "options", match[2] if match else message)


def _key(parsed: Override) -> str:
    return f"{parsed.key_or_group}@{parsed.package}" if parsed.package else parsed.key_or_group


def _first(key: str) -> str:
    return re.split(r"[./@]", key, maxsplit=1)[0]
