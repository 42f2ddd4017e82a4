"""The exception for errors that a user can fix."""


class UserError(Exception):
    """An error that the user can fix: a wrong config value, a missing file, a broken dataset, a missing card.

    `train.py` prints it as one line, `error: <what>: <why>`, followed by one indented line for each remedy, and ends
    with exit code 1.

    Args:
      what: the config key or the file at fault.
      why: what is wrong with it, in terms that the user knows.
      remedies: what to do, each a short line, the most useful one first.
    """

    def __init__(self, what: str, why: str, remedies: tuple[str, ...] = ()) -> None:
        super().__init__(f"{what}: {why}")
        self.what, self.why, self.remedies = what, why, remedies

    def __reduce__(self) -> tuple[type["UserError"], tuple[str, str, tuple[str, ...]]]:
        return type(self), (self.what, self.why, self.remedies)
