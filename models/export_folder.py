"""What both exports have in common: the network, the folder that appears whole, the word on one that is of no use."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

from data.errors import UserError


@contextmanager
def exporting(
    build_network: Callable[[], tf.keras.Model], checkpoint: str, folder: Path
) -> Iterator[tuple[tf.keras.Model, Path]]:
    """Hands out a trained network and a folder to save it into, which takes its place when the context ends well.

    The network computes in float32 whatever it was trained in: not every processor that runs SignVer has bfloat16.

    Args:
      build_network: the network that the checkpoint was trained with.
      checkpoint: prefix of a checkpoint that holds `model`.
      folder: of the SavedModel; what was there is replaced.
    """
    policy = tf.keras.mixed_precision.global_policy()
    tf.keras.mixed_precision.set_global_policy("float32")
    try:
        network = build_network()
        tf.train.Checkpoint(model=network).read(checkpoint).expect_partial().assert_existing_objects_matched()
        scratch = folder.with_name(folder.name + ".partial")
        shutil.rmtree(scratch, ignore_errors=True)
        yield network, scratch
    finally:
        tf.keras.mixed_precision.set_global_policy(policy)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(scratch, folder)


def not_an_export(folder: Path, task: str, reason: object) -> UserError:
    """The error for a folder that holds no model of a task, or a damaged one.

    Args:
      folder: of the SavedModel.
      task: `cleaner` or `detector`.
      reason: an exception or text; its first line is shown.
    """
    text = str(reason).strip() or type(reason).__name__
    return UserError(
        "export_dir",
        f"{folder} holds no signature {task}, or a damaged one ({text.splitlines()[0].rstrip('.')[:200]})",
        (
            "a model of the other task needs  task=detector  or  task=cleaner",
            "to write it anew from the run's best checkpoint:  python train.py mode=export run_dir=<run>",
        ),
    )
