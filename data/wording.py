"""Numbers and nouns in messages."""


def count_of(count: int, noun: str) -> str:
    """A number and its noun: 1 page, 2,000 pages, 3 boxes, 4 copies, 5 initials.

    Args:
      count: how many.
      noun: in the singular, possibly with an attribute: test page.
    """
    if noun.endswith("initials"):
        plural = noun
    elif noun.endswith("y"):
        plural = f"{noun[:-1]}ies"
    else:
        plural = f"{noun}es" if noun.endswith(("s", "x")) else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"
