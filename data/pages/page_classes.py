"""What is marked on pages."""

from collections.abc import Sequence

CLASSES = ("signature", "initials", "redaction", "date")
"""By label, from 1 on; 0 is the background. SignverOD's own."""


def counted(counts: Sequence[int]) -> str:
    """Numbers of objects in words, those that are not zero.

    Args:
      counts: of each class, in the order of `CLASSES`.
    """
    plurals = (
        name if name.endswith("s") or count == 1 else f"{name}s" for name, count in zip(CLASSES, counts, strict=True)
    )
    return ", ".join(f"{count:,} {name}" for name, count in zip(plurals, counts, strict=True) if count) or "nothing"
