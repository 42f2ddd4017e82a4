"""Loaded datasets in training: a single one, or the parts of a mixture."""

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
        """The test split; None if there is none."""

    def measured_on_test(self) -> Any:
        """The same dataset with the test split in place of the validation split."""


P = TypeVar("P", bound=Pools)


@dataclasses.dataclass(frozen=True, eq=False)
class Part(Generic[P]):
    """One dataset in training.

    Attributes:
      name: in the mixture; empty for a single dataset.
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
    """The loaded data of a task.

    Attributes:
      parts: one or more; the part of a single dataset has no name.
      notes: (label, sentence) lines on how the parts were combined.
    """

    parts: tuple[A, ...]
    notes: tuple[tuple[str, str], ...] = ()

    @staticmethod
    @abc.abstractmethod
    def join(splits: Sequence[Any]) -> Any:
        """Concatenates several splits."""

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
        """A single split unchanged, or several splits joined."""
        return splits[0] if len(splits) == 1 else self.join(splits)

    @property
    def mixing(self) -> Mixing:
        """Which part each training example comes from."""
        return Mixing.of([part.weight for part in self.parts])

    @property
    def validation_parts(self) -> dict[str, range]:
        """Name of each part of a mixture -> indices of its examples in `validation`; empty for a single dataset."""
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
        """The fingerprint of the datasets alone."""
        return combined([part.pools.source for part in self.parts])

    def measured_on_test(self: S) -> S:
        """The same parts with the test split in place of the validation split; parts without one are left out."""
        parts = [
            dataclasses.replace(part, pools=part.pools.measured_on_test())
            for part in self.parts
            if part.pools.test is not None
        ]
        return type(self)(tuple(parts))
