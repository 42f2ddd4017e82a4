"""What is marked on pages."""

from collections.abc import Sequence

from data.wording import count_of

CLASSES = ("signature", "initials", "redaction", "date")
"""By label, from 1 on; 0 is the background. SignverOD's own."""


def counted(counts: Sequence[int]) -> str:
    """Numbers of objects in words, those that are not zero.

    Args:
      counts: of each class, in the order of `CLASSES`.
    """
    return ", ".join(count_of(count, name) for name, count in zip(CLASSES, counts, strict=True) if count) or "nothing"
