"""Commands that the program prints, quoted so that they can be pasted whatever their values are."""

import contextlib
import os
import re
import shlex
import shutil
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]

_OPTIONS_OF_CONFIGS = ("--config-dir", "-cd", "--config-path", "-cp", "--config-name", "-cn")
"""Hydra's options that choose the config, without which the same overrides mean something else."""


def override(key: str, value: object) -> str:
    """`key=value` in Hydra's grammar, with the value quoted if necessary.

    Args:
      key: dotted.
      value: a path or text. Hydra returns it unchanged and does not read it as an interpolation.
    """
    text = str(value)
    if _is_read_as_it_is(text):
        return f"{key}={text}"
    return f"{key}={quoted(text.replace('${', chr(92) + '${'))}"


def typed(key: str, value: object) -> str:
    """`override` quoted once more, for the shell."""
    return shlex.quote(override(key, value))


def quoted(text: str) -> str:
    """A value in double quotes by Hydra's grammar, in which only backslashes before a quote are escapes."""
    inner = re.sub(r'(\\*)"', lambda match: match[1] * 2 + '\\"', text)
    trailing = len(inner) - len(inner.rstrip("\\"))
    return f'"{inner}{chr(92) * trailing}"'


def command(*overrides: str) -> str:
    """A command line that starts train.py with overrides, quoted for the shell.

    The interpreter, the path of train.py and `--config-dir` are those of the command that started this process.

    Args:
      overrides: in Hydra's grammar; those with a path come from `override`.
    """
    return shlex.join([*_program(), *_options_of_configs(sys.argv[1:]), *overrides])


def make(target: str, *variables: str) -> str:
    """A `make` command that works in the current folder.

    Args:
      target: a target of the project's Makefile.
      variables: `NAME=value`.
    """
    here = Path("Makefile")
    there = REPOSITORY / "Makefile"
    with contextlib.suppress(OSError):
        if here.samefile(there):
            return shlex.join(["make", target, *variables])
    return shlex.join(["make", "-C", str(REPOSITORY), target, *variables])


def tensorboard(folder: Path | str) -> str:
    """The command that shows a folder in TensorBoard."""
    return shlex.join([_python(), "-m", "tensorboard.main", "--logdir", str(folder)])


def unzip(archive: Path, folder: Path) -> str:
    """The command that unpacks a zip."""
    return shlex.join([_python(), "-m", "zipfile", "-e", str(archive), str(folder)])


def _program() -> list[str]:
    typed = sys.argv[0] if sys.argv and sys.argv[0].endswith(".py") else "train.py"
    return [_python(), typed]


def _python() -> str:
    """The shortest name or path that starts this interpreter from the current folder."""
    for name in ("python", "python3"):
        found = shutil.which(name)
        if found and os.path.abspath(found) == os.path.abspath(sys.executable):
            return name
    relative = os.path.relpath(sys.executable)
    return sys.executable if relative.startswith("..") else relative


def _options_of_configs(arguments: list[str]) -> list[str]:
    kept, take_next = [], False
    for argument in arguments:
        name = argument.partition("=")[0]
        if take_next or name in _OPTIONS_OF_CONFIGS:
            kept.append(argument)
            take_next = not take_next and "=" not in argument
    return kept


def _is_read_as_it_is(text: str) -> bool:
    """Whether Hydra's grammar reads an unquoted text unchanged; the slow parser decides only the unclear cases."""
    if re.fullmatch(r"[A-Za-z_./][A-Za-z0-9_./-]*", text):
        return text.lower() not in ("null", "true", "false", "inf", "nan")
    if not text or text != text.strip() or "${" in text or "," in text:
        return False
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        return OverridesParser.create().parse_override(f"key={text}").value() == text
    except HydraException:
        return False
