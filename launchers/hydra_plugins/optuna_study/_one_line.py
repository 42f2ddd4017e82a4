"""Errors of other packages in one line."""


def one_line(error: BaseException) -> str:
    """The first line of the message of an error, else its class."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(":.") if lines else type(error).__name__
