"""Checks of config keys that several datasets have: shares of a split, and regular expressions with groups."""

import re

from data.errors import UserError

AUTO = "auto"


def check_shares(held_out: float, test: float) -> None:
    """Refuses shares that leave too little to train on.

    Raises:
      UserError: validation and test take 95 % or more.
    """
    if held_out + test >= 0.95:
        raise UserError("dataset.test", f"{test:g} and dataset.held_out {held_out:g} leave too little to train on")


def check_pattern(key: str, value: str, named: tuple[str, ...] = (AUTO,)) -> None:
    """Refuses a text that is neither one of the names nor a regular expression with a group.

    Raises:
      UserError: it is neither.
    """
    if value in named:
        return
    try:
        groups = re.compile(value).groups
    except re.error as error:
        raise UserError(key, f"{value} is no regular expression ({error}), and none of {' | '.join(named)}") from None
    if not groups:
        example = r"([a-z]+)_\d+"
        raise UserError(
            key, f"{value} is none of {' | '.join(named)}, and no regular expression with a group, such as {example}"
        )
