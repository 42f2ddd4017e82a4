"""What the launching process sends to the ranks, by cloudpickle.

A rank does not run the program's own module, `__main__`, again: what the program does at its start (files that it
writes, questions that it asks, a `main()` that no `if __name__` guards) happens once. The launcher sends what the
module defines instead, into the `__main__` of the rank, where `_target_: __main__.Net` and multiprocessing look for it.
"""

import dataclasses
import functools
import pickle
import sys
import types
from collections.abc import Mapping
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, BinaryIO

from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._pickling import dumps
from hydra_plugins.mpi_launcher._unsendable import explain

_LIMIT = 4096
"""Length of the longest text that is sent though no function refers to it."""

_DEFINITIONS = (
    type,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.ModuleType,
    functools.partial,
    functools._lru_cache_wrapper,
    int,
    float,
    complex,
    type(None),
)


@dataclasses.dataclass(frozen=True)
class Parcel:
    """What a rank needs to run a job.

    Attributes:
      hydra_context, task_function, config: for Hydra's `run_job`.
      singletons: Hydra's global state.
      definitions: of the program's `__main__`: name -> function, class, module, number or text.
      output_dir: folder of the job.
      files: paths of the result and of errors, as `_job.JobFiles`.
      argv: `sys.argv` of the launching process.
    """

    hydra_context: Any
    task_function: Any
    config: Any
    singletons: Any
    definitions: Mapping[str, Any]
    output_dir: str
    files: Any
    argv: list[str]


def pack(parcel: Parcel) -> bytes:
    """The content of a job file: how the rank's Python is to be set up, then the parcel.

    Raises:
      LaunchError: something of the program cannot be sent; names it.
    """
    start = {
        "path": [entry for entry in sys.path if isinstance(entry, str)],
        "main": _identity(sys.modules["__main__"]),
    }
    try:
        return pickle.dumps(start) + dumps(parcel)
    except Exception as error:
        raise LaunchError(explain(_program(parcel), _parts(parcel), error)) from None


def unpack(file: BinaryIO) -> Parcel:
    """The parcel, in a rank; `__main__` gets the program's definitions."""
    from hydra.core.plugins import Plugins

    plugins = Plugins.instance()  # imports them again: later, classes in the parcel would not be those of their modules
    parcel: Parcel = pickle.load(file)
    parcel.singletons["instances"][Plugins] = plugins
    vars(sys.modules["__main__"]).update(parcel.definitions)
    return parcel


def definitions() -> dict[str, Any]:
    """What `__main__` defines and can be sent: functions, classes, modules, numbers and texts."""
    found = {name: value for name, value in vars(sys.modules["__main__"]).items() if _is_definition(name, value)}
    return _sendable(found)


def _program(parcel: Parcel) -> str:
    return Path(parcel.argv[0]).name if parcel.argv and parcel.argv[0] else "the program"


def _parts(parcel: Parcel) -> dict[str, Any]:
    """The parts of a parcel that may not be picklable, by their names in messages."""
    return {
        "the task function": parcel.task_function,
        "hydra.callbacks": getattr(parcel.hydra_context, "callbacks", None),
        "the config": parcel.config,
        "Hydra's global state": parcel.singletons,
    }


def _sendable(values: dict[str, Any]) -> dict[str, Any]:
    if _can_be_sent(values):
        return values
    return {name: value for name, value in values.items() if _can_be_sent(value)}


def _can_be_sent(value: Any) -> bool:
    try:
        dumps(value)
    except Exception:
        return False
    return True


def _is_definition(name: str, value: Any) -> bool:
    if name.startswith("__"):
        return False
    if isinstance(value, str | bytes):
        return len(value) <= _LIMIT
    return isinstance(value, _DEFINITIONS)


def _identity(main: types.ModuleType) -> dict[str, Any]:
    """Names by which multiprocessing and relative imports know a `__main__`."""
    known = {name: getattr(main, name, None) for name in ("__file__", "__package__", "__doc__")}
    found: dict[str, Any] = {name: value for name, value in known.items() if isinstance(value, str)}
    spec = getattr(main, "__spec__", None)
    if spec is not None:
        found["__spec__"] = ModuleSpec(spec.name, None, origin=spec.origin)
    return {"__spec__": None, "__package__": None, **found}
