"""The classes of objects on pages."""

from collections.abc import Sequence

from data.wording import count_of

CLASSES = ("signature", "initials", "redaction", "date")
"""SignverOD's classes by label, from 1 on; 0 is the background."""


def counted(counts: Sequence[int]) -> str:
    """The numbers of objects of each class as text, without zeros.

    Args:
      counts: of each class, in the order of `CLASSES`.
    """
    return ", ".join(count_of(count, name) for name, count in zip(CLASSES, counts, strict=True) if count) or "nothing"
