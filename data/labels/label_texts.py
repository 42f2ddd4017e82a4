"""Parses numbers and ids in label files in the forms that tools write."""

import math
import re

_WHOLE = re.compile(r"^(\d+)\.0+$")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def number_of(value: object) -> float | None:
    """A finite number, also in quotes or with a decimal comma; None for anything else."""
    if isinstance(value, str):
        text = value.strip()
        if "." not in text and text.count(",") == 1:
            text = text.replace(",", ".")
        if not _NUMBER.fullmatch(text):
            return None
        value = text
    elif not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def key_of(value: object) -> str:
    """An id as text: 7, 7.0, "7", "7.0" and " 7 " are the same id."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _WHOLE.sub(r"\1", str(value).strip())
