"""Commands as a user types them, which can be pasted."""

import re
import shlex
import shutil
import sys
from pathlib import Path

_OPTIONS = {"--config-dir": "-cd", "--config-name": "-cn", "--config-path": "-cp"}
"""Hydra's options that choose the config of a program, long and short."""

_PLAIN = re.compile(r"[\w./:+@%-]*[\w/]", re.ASCII)

_NO_TEXT = re.compile(r"null|true|false|inf|nan|[-+]?[\d_.]+(e[-+]?\d+)?|[-+]?(inf|nan)", re.IGNORECASE)
"""What Hydra reads as something else unless it is quoted."""


def program() -> str:
    """The command of this program as a user types it: its path as given, and Hydra's options for its config."""
    return shlex.join([*_started(), *_config_options(sys.argv[1:])])


def override(key: str, value: str) -> str:
    """`key=value` for a text value, quoted for Hydra where its grammar needs it; not yet for a shell."""
    if _PLAIN.fullmatch(value) and not _NO_TEXT.fullmatch(value):
        return f"{key}={value}"
    # In quotes, a backslash is literal unless a quote follows it, also at the end.
    escaped = re.sub(r"(\\*)'", r"\1\1\\'", value)
    escaped = re.sub(r"(\\+)$", r"\1\1", escaped)
    return f"{key}='{escaped}'"


def _started() -> list[str]:
    given, spec = sys.argv[0], getattr(sys.modules["__main__"], "__spec__", None)
    if spec is not None and spec.origin and Path(spec.origin).resolve() == Path(given).resolve():  # python -m
        return ["python", "-m", spec.name.removesuffix(".__main__")]
    if given.endswith((".py", ".pyc")):
        return ["python", given]
    name = Path(given).name
    found = shutil.which(name)
    return [name] if found and Path(found).resolve() == Path(given).resolve() else ["python", given]


def _config_options(arguments: list[str]) -> list[str]:
    found, left = [], iter(arguments)
    long = {short: name for name, short in _OPTIONS.items()}
    for argument in left:
        name, equals, value = argument.partition("=")
        name = long.get(name, name)
        if name in _OPTIONS:
            found += [name, value if equals else next(left, "")]
    return found
