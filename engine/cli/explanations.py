"""Any exception as lines for the user: what is wrong, where, and what to do."""

import os
import traceback
from pathlib import Path

from yaml import YAMLError

from data.commands import command, REPOSITORY
from data.errors import UserError
from data.options import NO_SUCH_KEY
from engine.cli import hydra_errors
from engine.option_files import OptionFiles
from engine.overrides import CommandLine
from engine.runs.storage_errors import as_storage_error


def explain(error: BaseException, line: CommandLine | None = None) -> list[str]:
    """An exception as lines, of which the first is complete on its own.

    Args:
      error: whatever was raised.
      line: the command line, if it is known.
    """
    known = _as_user_error(error, line)
    if known:
        first, *rest = " ".join(str(known).splitlines()), *known.remedies
        return [f"error: {first}", *(f"  {remedy}" for remedy in rest)]
    where = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    place = f" ({Path(where.filename).name}:{where.lineno})" if where else ""
    return [
        f"error: {type(error).__name__}: {_reason(error)}{place}",
        "  this is a bug in the program; HYDRA_FULL_ERROR=1 before the command prints the traceback",
    ]


def _as_user_error(error: BaseException, line: CommandLine | None) -> UserError | None:
    if isinstance(error, UserError):
        return _set_by_recipe(error, line) or error
    if stored := as_storage_error(error):
        return stored
    if isinstance(error, hydra_errors.CONFIG_ERRORS):
        return hydra_errors.explain(error, line)
    if isinstance(error, YAMLError):
        return _bad_yaml(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return UserError(
            "memory",
            "there is not enough",
            ("a smaller batch needs less:  model.batch_size=<fewer>, or end what else runs",),
        )
    if isinstance(error, RecursionError) and line:
        return UserError("config", "a value refers to itself, or is nested too deep")
    if isinstance(error, UnicodeError) and _is_of_config(error):
        return UserError(_file_that_is_not_utf8(line), f"is not UTF-8 ({_reason(error)})")
    if isinstance(error, ValueError | TypeError | AttributeError) and _is_of_config(error):
        return UserError("config", _reason(error))
    if isinstance(error, OSError) and error.errno and error.filename:
        return UserError(str(os.fsdecode(error.filename)), (error.strerror or str(error)).lower())
    return None


def _set_by_recipe(error: UserError, line: CommandLine | None) -> UserError | None:
    """The same error for a key that the chosen recipe sets, and not the user, with the option that has it."""
    recipe = line.overrides.get("experiment") if line else None
    if line is None or not recipe or not error.why.startswith(NO_SUCH_KEY) or error.what in line.overrides:
        return None
    group, path, files = error.what.partition(".")[0], f"experiment/{recipe}", OptionFiles()
    if error.what not in files.keys(path) or group not in line.overrides:
        return None
    task = files.override_in(path, "task")
    own = files.override_in(path, group) or files.override_in(f"task/{task}", group)
    rest = line.overrides.without("experiment", "task")
    return UserError(
        error.what,
        f"experiment={recipe} sets it{f', for {group}={own}' if own else ''}; "
        f"{group}={line.overrides.get(group)} has no such key",
        (f"without the recipe:  {command(*([f'task={task}'] if task else []), *rest)}",),
    )


def _bad_yaml(error: YAMLError) -> UserError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = f"{mark.name}:{mark.line + 1}" if mark else "config"
    reason = getattr(error, "problem", None) or _reason(error)
    return UserError(place, f"is not YAML ({reason})")


def _is_of_config(error: BaseException) -> bool:
    """Whether Hydra failed while it composed the config, before the program had it."""
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    composing = any("/hydra/_internal/" in file or "/omegaconf/" in file or "/yaml/" in file for file in files)
    return composing and not any(file.endswith("/hydra/core/utils.py") for file in files)  # which runs the program


def _file_that_is_not_utf8(line: CommandLine | None) -> str:
    folders = [REPOSITORY / "conf", *([Path(line.given.config_dir)] if line and line.given.config_dir else [])]
    for file in (file for folder in folders for file in folder.rglob("*.yaml")):
        try:
            file.read_text(encoding="utf-8")
        except UnicodeError:
            return str(file)
        except OSError:
            continue
    return "config"


def _reason(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else ""
