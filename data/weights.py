"""Weights of named things in a config: [name:weight, ...]."""

import math
from collections.abc import Iterable, Sequence

from data.errors import UserError


def read_weights(key: str, texts: Sequence[str], names: Iterable[str], default: float, of: str) -> dict[str, float]:
    """Reads the weights of a config key.

    Args:
      key: the key, for errors.
      texts: its value, `name:weight` each.
      names: the names that it takes.
      default: weight of a name that is not mentioned.
      of: what has the names, for errors: part.

    Returns:
      Weight of each name, in the order of `names`; at least one is above 0.

    Raises:
      UserError: a weight names nothing or is no number from 0 on, a name has two weights, or all are 0.
    """
    weights, given = dict.fromkeys(names, default), set[str]()
    for text in texts:
        name, _, number = str(text).rpartition(":")
        if name not in weights:
            raise UserError(key, f"{text} is not <{of}>:<weight> ({of}s: {', '.join(weights)})")
        if name in given:
            raise UserError(key, f"{name} has two weights")
        given.add(name)
        try:
            weights[name] = float(number)
        except ValueError:
            weights[name] = math.nan
        if not 0 <= weights[name] < math.inf:
            raise UserError(key, f"{text}: a weight is a number from 0 on")
    if not any(weights.values()):
        raise UserError(key, f"every {of} has weight 0, so that there is nothing to train on")
    return weights
