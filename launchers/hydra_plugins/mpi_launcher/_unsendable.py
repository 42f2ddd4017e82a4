"""Explains in one line which part of a program cannot be sent to the ranks."""

import dis
import functools
import types
from collections.abc import Iterator, Mapping
from typing import Any

from hydra_plugins.mpi_launcher._pickling import dumps


def explain(program: str, parts: Mapping[str, Any], error: Exception) -> str:
    """What cannot be sent, and what to do.

    Args:
      program: file name of the program.
      parts: name for messages -> object to be sent.
      error: what `dumps` raised for all of it.
    """
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    for part, value in parts.items():
        if not _fails(value):
            continue
        if found := _culprit(value, set()):
            name, why, culprit = found
            kind = type(culprit)
            return (
                f"{name} of {program}, a {kind.__module__}.{kind.__qualname__}, cannot be sent to the ranks ({why}): "
                f"create it inside the task function, or in a module that {program} imports"
            )
        return f"{part} of {program} cannot be sent to the ranks ({reason})"
    return f"{program} cannot be sent to the ranks ({reason})"


def _culprit(value: Any, seen: set[int]) -> tuple[str, str, Any] | None:
    """Name, reason and value of the innermost part that cannot be pickled."""
    seen.add(id(value))
    for name, part in _parts(value):
        if id(part) in seen:
            continue
        if why := _fails(part):
            return _culprit(part, seen) or (name, why, part)
    return None


def _fails(value: Any) -> str:
    """Why it cannot be pickled; empty if it can."""
    try:
        dumps(value)
    except Exception as error:
        message = str(error).strip()
        return message.splitlines()[0] if message else type(error).__name__
    return ""


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """What travels with a function, a class or an object, by its name."""
    if isinstance(value, types.FunctionType):
        for name in dict.fromkeys(_global_names(value.__code__)):
            if name in value.__globals__:
                yield name, value.__globals__[name]
        for name, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=True):
            try:
                yield name, cell.cell_contents
            except ValueError:  # not yet bound
                continue
        for default in (*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()):
            yield f"a default value of {value.__name__}()", default
        yield from vars(value).items()
    elif isinstance(value, types.MethodType):
        yield value.__func__.__name__, value.__func__
        yield type(value.__self__).__name__, value.__self__
    elif isinstance(value, functools.partial):
        yield "a function", value.func
        yield from ((f"an argument of {value.func!r}", part) for part in (*value.args, *value.keywords.values()))
    elif isinstance(value, staticmethod | classmethod):
        yield value.__func__.__name__, value.__func__
    elif isinstance(value, property):
        yield from ((part.__name__, part) for part in (value.fget, value.fset, value.fdel) if part)
    elif isinstance(value, functools._lru_cache_wrapper):
        yield value.__name__, value.__wrapped__
    elif isinstance(value, type):
        yield from (
            (f"{value.__name__}.{name}" if not callable(part) else name, part) for name, part in vars(value).items()
        )
    elif isinstance(value, list | tuple | set | frozenset):
        yield from ((f"an item of a {type(value).__name__}", part) for part in value)
    elif isinstance(value, dict):
        yield from ((str(name), part) for name, part in value.items())
    elif type(value).__module__ in ("__main__", "hydra._internal.callbacks"):
        yield from ((f"{type(value).__name__}.{name}", part) for name, part in getattr(value, "__dict__", {}).items())


def _global_names(code: types.CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname.endswith(("_GLOBAL", "_NAME")):
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _global_names(constant)
