"""The interface of loaded datasets."""

from typing import Protocol

from data.fingerprint import Fingerprint


class Data(Protocol):
    """A dataset in memory or memory-mapped."""

    @property
    def bad(self) -> list[tuple[str, str]]:
        """(name, reason) of what was skipped."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the dataset changes, or its preparation for this model."""

    @property
    def source(self) -> Fingerprint:
        """The fingerprint of the dataset alone."""
