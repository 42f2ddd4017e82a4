"""`model.init_from`: the weights of another run, or those that come along, for a new training."""

import re
from pathlib import Path

import tensorflow as tf

from data.errors import UserError
from models.best_weights import best_weights_in
from models.pretrained.card import PRETRAINED
from models.pretrained.weights import pretrained_checkpoint
from models.tensorflow_paths import tensorflow_path


def weights_to_start_from(init_from: str, task: str, cache_dir: Path) -> str:
    """The checkpoint that `model.init_from` names.

    Args:
      init_from: folder of a run, or `pretrained`.
      task: `cleaner` or `detector`.
      cache_dir: where the weights that come along are unpacked.

    Returns:
      Its prefix.

    Raises:
      UserError: it does not exist.
    """
    if init_from == PRETRAINED:
        return pretrained_checkpoint(task, cache_dir)
    best = list(best_weights_in(Path(init_from, "checkpoints", "best")).values())
    if not best:
        raise UserError("model.init_from", f"no run with a best checkpoint in {init_from}")
    return str(best[-1])


def read_weights(checkpoint: tf.train.Checkpoint, prefix: str, key: str) -> None:
    """Reads weights into new objects.

    Args:
      checkpoint: of the objects.
      prefix: of the checkpoint that is read.
      key: of the model that named it, for the error.

    Raises:
      UserError: it is of another network, or damaged.
    """
    try:
        checkpoint.read(tensorflow_path(prefix)).expect_partial().assert_existing_objects_matched()
    except (AssertionError, ValueError, IndexError, tf.errors.OpError) as error:  # IndexError: the file is cut
        reason = re.split(r"[.,;] ", str(error).strip().splitlines()[0])[0]
        raise UserError(f"model.{key}", f"{prefix} is of another network, or damaged ({reason})") from None
