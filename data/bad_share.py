"""The check that not too much of a dataset is bad."""

import math
from collections.abc import Sequence

from data.errors import UserError


def check_bad_share(
    bad: Sequence[tuple[str, str]], total: int, allowed: float, what: str, empty_split: bool = False
) -> None:
    """Refuses a dataset of which more is bad than `dataset.max_bad_fraction` allows.

    Args:
      bad: (name, reason) of what cannot be used.
      total: how many there are, good ones included.
      allowed: share that may be bad.
      what: name of the examples in the plural, for the message.
      empty_split: whether nothing is left to train on, or nothing to validate on.

    Raises:
      UserError: more than `allowed` is bad, or a split is empty.
    """
    share = len(bad) / max(1, total)
    if share <= allowed and not empty_split:
        return
    shown = "; ".join(f"{name}: {reason}" for name, reason in bad[:3])
    raise UserError(
        "dataset.max_bad_fraction",
        f"{len(bad):,} of {total:,} {what} cannot be used ({share:.1%}, allowed {allowed:.1%}): "
        f"{shown or 'a split is empty'}",
        ("fix or remove them", *([] if share <= allowed or share > 1 else [_more(share)])),
    )


def _more(share: float) -> str:
    return f"or allow as many:  dataset.max_bad_fraction={math.ceil(share * 100) / 100:g}"
