"""The shapes of a run's batches. Gaudi compiles for shapes: without fixed ones it would recompile for each batch."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import tensorflow as tf

from engine.console import Console
from engine.hardware.device import Hardware

log = logging.getLogger(__name__)


def log_shapes(batches: Mapping[str, Any], hardware: Hardware, console: Console) -> None:
    """Writes the shapes of batches to the log and, on cards, to the console.

    Args:
      batches: use of a dataset -> its `element_spec`.
      hardware: of the config.
      console: of the run.

    Raises:
      ValueError: the device compiles for shapes, and they have no fixed ones.
    """
    for use, spec in batches.items():
        log.info("%s batches of each rank: %s", use, describe(spec))
        if hardware.devices:
            console.line("shapes", f"{use}: {describe(spec)}")
        if hardware.compiles_for_shapes:
            check(spec, use)


def describe(spec: Any) -> str:
    """The batches of a dataset as text.

    Args:
      spec: `element_spec` of the dataset.

    Returns:
      For example `clean 24x128x128x1 uint8, noisy 24x128x128x1 uint8`; `?` is a size that is not fixed.
    """
    return ", ".join(
        f"{name} {'x'.join('?' if side is None else str(side) for side in part.shape) or 'scalar'} {part.dtype.name}"
        for name, part in _parts(spec)
    )


def check(spec: Any, use: str) -> None:
    """Refuses a dataset without a fixed shape of batches.

    Args:
      spec: `element_spec` of the dataset.
      use: of the dataset, such as `train`.

    Raises:
      ValueError: names the part.
    """
    for name, part in _parts(spec):
        if not part.shape.is_fully_defined():
            raise ValueError(f"{use} batches have no fixed shape: {name} is {part.shape}")


def _parts(spec: Any, name: str = "") -> Iterator[tuple[str, tf.TensorSpec]]:
    if isinstance(spec, Mapping):
        for key in sorted(spec):
            yield from _parts(spec[key], key)
    elif isinstance(spec, list | tuple):
        for part in spec:
            yield from _parts(part, name or "image")
    else:  # a TensorSpec, or one of as many as there are replicas in this process
        yield name or "image", tf.nest.flatten(spec, expand_composites=True)[0]
