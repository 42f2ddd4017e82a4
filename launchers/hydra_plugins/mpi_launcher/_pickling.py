"""Cloudpickle, for a program whose `__main__` is not run again where it is unpickled."""

import functools
import io
import pickle
import sys
import types
from typing import Any, BinaryIO


def dumps(value: Any) -> bytes:
    """Pickles by cloudpickle, functions of `__main__` such that `__main__` of the rank is their module."""
    data = io.BytesIO()
    _pickler()(data).dump(value)
    return data.getvalue()


class _NamespaceOfMain:
    """Stands for the namespace of this process's `__main__`; in a rank it is that of the rank's."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _namespace_of_main, ()


def _namespace_of_main() -> dict[str, Any]:
    return vars(sys.modules["__main__"])


def _cached(function: Any, parameters: dict[str, Any]) -> Any:
    return functools.lru_cache(**parameters)(function)


def _pickler() -> type:
    import cloudpickle

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
        """Cloudpickle's, for what a program's `__main__` may hold."""

        def __init__(self, file: BinaryIO) -> None:
            super().__init__(file)
            self.globals_ref[id(_namespace_of_main())] = _NamespaceOfMain()

        def reducer_override(self, obj: Any) -> Any:
            if getattr(obj, "__module__", None) == "__main__" and not isinstance(obj, type | types.FunctionType):
                if isinstance(obj, functools._lru_cache_wrapper):  # pickles as a name that no rank has
                    return _cached, (obj.__wrapped__, obj.cache_parameters())
                if isinstance(obj.__reduce_ex__(self.proto), str):
                    raise pickle.PicklingError(f"cannot pickle {type(obj).__qualname__!r} object by its name")
            return super().reducer_override(obj)

    return Pickler
