"""`model.init_from`: the weights of another run, or the pretrained ones, for a new training."""

import re
from pathlib import Path
from typing import Any

import tensorflow as tf

from data.errors import UserError
from data.own_files import read_json
from models.best_weights import best_weights_in
from models.optimisation import Model
from models.pretrained.card import card_of, PRETRAINED
from models.pretrained.weights import pretrained_checkpoint
from models.tensorflow_paths import tensorflow_path

FROM_RANDOM_WEIGHTS = 'to start from random weights:  model.init_from=""'


def weights_to_start_from(init_from: str, task: str, cache_dir: Path) -> str:
    """The checkpoint that `model.init_from` names.

    Args:
      init_from: folder of a run, or `pretrained`.
      task: `cleaner` or `detector`.
      cache_dir: where the pretrained weights are unpacked.

    Returns:
      Its prefix.

    Raises:
      UserError: it does not exist.
    """
    if init_from == PRETRAINED:
        return pretrained_checkpoint(task, cache_dir)
    best = list(best_weights_in(Path(init_from, "checkpoints", "best")).values())
    if not best:
        remedy = (f"to start from the pretrained {task}:  model.init_from={PRETRAINED}",)
        raise UserError("model.init_from", f"no run with a best checkpoint in {init_from}", remedy)
    return str(best[-1])


def check_network(model: Model, init_from: str, task: str) -> None:
    """Compares the keys that decide the shapes of the weights with the recorded ones, before data is prepared.

    Args:
      model: to be trained.
      init_from, task: as of `weights_to_start_from`, which found the weights.

    Raises:
      UserError: a key differs.
    """
    if init_from == PRETRAINED:
        recorded: Any = card_of(task).model
    else:
        metadata = read_json(Path(init_from, "run.json"))
        settings = metadata.get("settings") if isinstance(metadata, dict) else None
        recorded = settings.get("model") if isinstance(settings, dict) else None
    if not isinstance(recorded, dict):
        return  # of an early version without the record: reading the weights shows whether they fit
    keys = [key for key in model.weight_keys if key in recorded]
    # an empty list is a part that one of the networks does not have: its weights are left out, or stay random
    keys = [key for key in keys if recorded[key] != [] and getattr(model, key) != []]
    unlike = [f"{key}={recorded[key]}" for key in keys if recorded[key] != getattr(model, key)]
    if unlike:
        raise UserError(
            "model.init_from",
            f"{init_from} is of another network: {recorded.get('name')} with {', '.join(unlike)}",
            (FROM_RANDOM_WEIGHTS,),
        )


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
    except (AssertionError, ValueError, IndexError, tf.errors.OpError) as error:  # IndexError: the file is truncated
        reason = re.split(r"[.,;] ", str(error).strip().splitlines()[0])[0]
        random = (FROM_RANDOM_WEIGHTS,) if key == "init_from" else ()
        raise UserError(f"model.{key}", f"{prefix} is of another network, or damaged ({reason})", random) from None
