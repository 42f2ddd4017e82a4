"""Shared by the exports of both tasks: the trained network, the export folder, the error for an unusable export."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

from data.errors import UserError
from data.saved_models import check_replaceable, mark
from models.tensorflow_paths import tensorflow_path


@contextmanager
def exporting(
    build_network: Callable[[], tf.keras.Model], checkpoint: str, folder: Path
) -> Iterator[tuple[tf.keras.Model, Path]]:
    """Yields a trained network and a scratch folder, which becomes the export if the context ends without an error.

    The network computes in float32, because not every processor that runs SignVer has bfloat16.

    Args:
      build_network: the network that the checkpoint was trained with.
      checkpoint: prefix of a checkpoint that holds `model`.
      folder: of the SavedModel; replaces an existing export.

    Raises:
      UserError: `folder` exists and is not an export of this project.
    """
    check_replaceable(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    holder = tempfile.TemporaryDirectory(prefix=".export.", suffix=".partial", dir=folder.parent)
    with trained_network(build_network, checkpoint) as network, holder as name:
        scratch = Path(name, "export")
        yield network, Path(tensorflow_path(scratch))
        mark(scratch)
        _put_in_place(scratch, folder)


@contextmanager
def trained_network(build_network: Callable[[], tf.keras.Model], checkpoint: str) -> Iterator[tf.keras.Model]:
    """Yields a network with the weights of a checkpoint; what is built in the context computes in float32.

    Args:
      build_network: the network that the checkpoint was trained with.
      checkpoint: prefix of a checkpoint that holds `model`.
    """
    policy = tf.keras.mixed_precision.global_policy()
    tf.keras.mixed_precision.set_global_policy("float32")
    try:
        network = build_network()
        tf.train.Checkpoint(model=network).read(
            tensorflow_path(checkpoint)
        ).expect_partial().assert_existing_objects_matched()
        yield network
    finally:
        tf.keras.mixed_precision.set_global_policy(policy)


def _put_in_place(new: Path, folder: Path) -> None:
    """Moves a finished export to its place; an old one moves beside `new`, and back on an error."""
    check_replaceable(folder)  # it may have changed in the meantime
    if not folder.exists():
        os.replace(new, folder)
        return
    old = new.with_name("old")
    os.replace(folder, old)
    try:
        os.replace(new, folder)
    except BaseException:
        os.replace(old, folder)
        raise


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
            "to write it again from its run's best checkpoint:  mode=export run_dir=<its run>",
        ),
    )
