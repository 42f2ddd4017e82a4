"""Packed weights: those of a checkpoint in float16, in a NumPy archive without pickled objects.

The names in the archive are those of the checkpoint, and it holds the checkpoint's graph of objects. What is unpacked
is therefore a checkpoint like that of a run, on TensorFlow 2.15 and 2.20.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

from data.cache import content_key, load_or_build
from data.errors import UserError
from data.own_files import whole_file
from models.pretrained.card import FOLDER, read_card, sha256_of, WEIGHTS
from models.tensorflow_paths import tensorflow_path

_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
_MODEL = "model/"
_LARGEST = float(np.finfo(np.float16).max)


def pack_weights(checkpoint: str, file: Path) -> int:
    """Writes the weights of a checkpoint in float16; whole numbers stay as they are.

    Args:
      checkpoint: prefix of a checkpoint that holds `model`.
      file: the archive; whole or not at all.

    Returns:
      The number of weights.

    Raises:
      UserError: a weight is not a number, or too large for float16.
    """
    reader = tf.train.load_checkpoint(tensorflow_path(checkpoint))
    arrays: dict[str, np.ndarray] = {_GRAPH: np.frombuffer(reader.get_tensor(_GRAPH), np.uint8)}
    for name in sorted(reader.get_variable_to_shape_map()):
        if not name.startswith(_MODEL):
            continue
        value = np.asarray(reader.get_tensor(name))
        if value.dtype.kind == "f":
            if not (np.abs(value) <= _LARGEST).all():
                raise UserError("run_dir", f"weight {name} of {checkpoint} does not fit into float16")
            value = value.astype(np.float16)
        arrays[name] = value
    with whole_file(file) as scratch, open(scratch, "xb") as opened:
        np.savez_compressed(opened, allow_pickle=False, **arrays)
    return sum(value.size for name, value in arrays.items() if name != _GRAPH)


def unpack_weights(file: Path, prefix: Path) -> None:
    """Writes packed weights as a checkpoint.

    Args:
      file: the archive.
      prefix: of the checkpoint; its folder is there.

    Raises:
      UserError: the archive is damaged.
    """
    try:
        with open(file, "rb") as opened, np.load(opened, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        graph = arrays.pop(_GRAPH).tobytes()
    except Exception as error:  # NumPy and zipfile raise many types on damaged files
        raise UserError(
            str(file), f"is damaged ({error})", ("restore it:  git checkout -- models/pretrained",)
        ) from None
    names = [_GRAPH, *arrays]
    values = (value.astype(np.float32) if value.dtype.kind == "f" else value for value in arrays.values())
    tensors = [tf.constant(graph), *map(tf.constant, values)]
    tf.raw_ops.SaveV2(
        prefix=tensorflow_path(prefix), tensor_names=names, shape_and_slices=[""] * len(names), tensors=tensors
    )


def pretrained_checkpoint(task: str, cache_dir: Path) -> str:
    """The weights of a task's pretrained model, as a checkpoint in the cache.

    Args:
      task: `cleaner` or `detector`.
      cache_dir: the folder for derived arrays.

    Returns:
      The prefix.

    Raises:
      UserError: the task has none, or they are not what their card says.
    """
    folder = FOLDER / task
    check_weights(folder)
    key = content_key({"kind": "pretrained checkpoint", "format": 1, "sha256": sha256_of(folder / WEIGHTS)})
    built = load_or_build(cache_dir, key, lambda scratch: unpack_weights(folder / WEIGHTS, scratch / "checkpoint"))
    return str(built / "checkpoint")


def check_weights(folder: Path) -> None:
    """Makes sure that packed weights are those of their card.

    Raises:
      UserError: they are not there, or others.
    """
    card, file = read_card(folder), folder / WEIGHTS
    if not file.is_file() or sha256_of(file) != card.weights["sha256"]:
        what = "is not what its card says" if file.is_file() else "is missing"
        raise UserError(str(file), what, ("restore it:  git checkout -- models/pretrained",))
