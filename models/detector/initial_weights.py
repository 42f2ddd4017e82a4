"""Initial weights of a new detector: those of another run, the pretrained ones, or a checkpoint of a backbone."""

from pathlib import Path

import tensorflow as tf

from data.errors import UserError
from data.fetching.remote_files import fetch_all, is_address, Unreachable
from models.detector.box_refiner import refiner_of
from models.detector.network import DetectorModel
from models.initial_weights import read_weights, weights_to_start_from
from models.tensorflow_paths import tensorflow_path

_CHECKPOINT_SUFFIXES = (".index", ".data-00000-of-00001")


def find_initial_weights(model: DetectorModel, cache_dir: Path) -> tuple[str, str]:
    """The checkpoint that the config of a new run names; downloads it if necessary.

    Args:
      model: the config of the network.
      cache_dir: where fetched checkpoints are kept.

    Returns:
      (prefix, which key named it: "init_from" or "init_checkpoint"), empty for random weights.

    Raises:
      UserError: it does not exist, or its address cannot be reached.
    """
    if model.init_from:
        return weights_to_start_from(model.init_from, "detector", cache_dir), "init_from"
    address = model.init_checkpoint
    if not address:
        return "", ""
    without = 'to train without it, from random weights:  model.init_checkpoint=""'
    if is_address(address):
        try:
            return str(fetch_all(address, _CHECKPOINT_SUFFIXES, cache_dir)), "init_checkpoint"
        except Unreachable as error:
            remedies = (without, "to use a copy of it:  model.init_checkpoint=<path without .index>")
            raise UserError("model.init_checkpoint", f"cannot fetch {address} ({error})", remedies) from None
    prefix = _latest_in(Path(address)) if Path(address).is_dir() else address.removesuffix(".index")
    if not prefix or not Path(f"{prefix}.index").is_file():
        raise UserError("model.init_checkpoint", f"no checkpoint in {address}", (without,))
    return prefix, "init_checkpoint"


def _latest_in(folder: Path) -> str:
    """Prefix of the latest checkpoint according to TensorFlow's record in a folder; empty if there is none."""
    prefix = tf.train.latest_checkpoint(tensorflow_path(folder))
    return str(folder / Path(prefix).name) if prefix else ""


def read_initial_weights(network: tf.keras.Model, prefix: str, key: str, parts: str) -> None:
    """Reads a checkpoint into a new network.

    Args:
      network: from `DetectorModel.build`. Its refiner keeps its random weights if the checkpoint has none.
      prefix, key: from `find_initial_weights`.
      parts: all | backbone, of another run.

    Raises:
      UserError: it is of another network, or damaged.
    """
    if key == "init_checkpoint":
        wanted = tf.train.Checkpoint(backbone=network.backbone)
    elif parts == "backbone":
        wanted = tf.train.Checkpoint(model=tf.train.Checkpoint(_backbone=network.backbone))
    elif refiner_of(network) is not None and not has_refiner(prefix):
        wanted = tf.train.Checkpoint(
            model=tf.train.Checkpoint(_backbone=network.backbone, _decoder=network.decoder, _head=network.head)
        )
    else:
        wanted = tf.train.Checkpoint(model=network)
    read_weights(wanted, prefix, key)


def has_refiner(prefix: str) -> bool:
    """Whether a checkpoint has a refiner, which those of earlier versions do not; a damaged one counts as if it had."""
    try:
        names = [name for name, _ in tf.train.list_variables(tensorflow_path(prefix))]
    except (tf.errors.OpError, ValueError):
        return True
    return any(name.startswith("model/refiner/") for name in names)
