"""A dataset in training: one, or the parts of a mixture."""

import abc
import dataclasses
import functools
from collections.abc import Sequence, Sized
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from data.fingerprint import combined, Fingerprint
from data.loaded import Data
from data.mixing import Mixing


class Pools(Data, Protocol):
    """The splits of one dataset."""

    @property
    def validation(self) -> Sized:
        """The validation split."""

    @property
    def test(self) -> Sized | None:
        """The test split; None where there is none."""

    def measured_on_test(self) -> Any:
        """The same with the test split in the place of the validation split."""


P = TypeVar("P", bound=Pools)


@dataclasses.dataclass(frozen=True, eq=False)
class Part(Generic[P]):
    """One dataset in training.

    Attributes:
      name: in the mixture; empty for a dataset that is alone.
      weight: its share of the training examples against those of other parts; 0 if it is only measured.
      pools: its splits.
    """

    name: str
    weight: float
    pools: P


A = TypeVar("A", bound=Part[Any])
S = TypeVar("S", bound="Parts[Any]")


@dataclasses.dataclass(frozen=True, eq=False)
class Parts(abc.ABC, Generic[A]):
    """What a task loads.

    Attributes:
      parts: one or more; the only one of a dataset that is not a mixture has no name.
      notes: (label, sentence) lines on how the parts go together.
    """

    parts: tuple[A, ...]
    notes: tuple[tuple[str, str], ...] = ()

    @staticmethod
    @abc.abstractmethod
    def join(splits: Sequence[Any]) -> Any:
        """Several splits as one, one after the other."""

    @functools.cached_property
    def validation(self) -> Any:
        """The validation splits of all parts, joined."""
        return self.join_all([part.pools.validation for part in self.parts])

    @functools.cached_property
    def test(self) -> Any:
        """The test splits, joined, of the parts that have one; None if none has."""
        found = [part.pools.test for part in self.parts if part.pools.test is not None]
        return self.join_all(found) if found else None

    def join_all(self, splits: Sequence[Any]) -> Any:
        """One split as it is, or several joined."""
        return splits[0] if len(splits) == 1 else self.join(splits)

    @property
    def mixing(self) -> Mixing:
        """Which part each training example is of."""
        return Mixing.of([part.weight for part in self.parts])

    @property
    def validation_parts(self) -> dict[str, range]:
        """Name of each part of a mixture -> its examples among `validation`; empty for a dataset that is alone."""
        ends = np.cumsum([len(part.pools.validation) for part in self.parts])
        places = zip(self.parts, [0, *ends[:-1]], ends, strict=True)
        return {part.name: range(int(first), int(end)) for part, first, end in places if part.name}

    @property
    def bad(self) -> list[tuple[str, str]]:
        """(name, reason) of what was skipped."""
        return [
            (f"{part.name}: {name}" if part.name else name, reason)
            for part in self.parts
            for name, reason in part.pools.bad
        ]

    @property
    def fingerprint(self) -> str:
        """Changes whenever a part changes, or its preparation."""
        return " ".join(part.pools.fingerprint for part in self.parts)

    @property
    def source(self) -> Fingerprint:
        """Of the datasets only."""
        return combined([part.pools.source for part in self.parts])

    def measured_on_test(self: S) -> S:
        """The same with the test splits in the place of the validation splits, without the parts that have none."""
        parts = [
            dataclasses.replace(part, pools=part.pools.measured_on_test())
            for part in self.parts
            if part.pools.test is not None
        ]
        return type(self)(tuple(parts))
