"""Reliable checkpoints: one that is damaged on disk is set aside, and the one before it is used."""

import logging
import os
import re
from collections.abc import Sequence
from pathlib import Path

from data.own_files import write_whole
from engine.runs.run_folder import checkpoints_in, RunFolder
from models.best_weights import best_weights_in

log = logging.getLogger(__name__)

DAMAGED = "damaged-"
"""Prefix of the files of a damaged checkpoint; nothing reads them again."""


def damage_of(prefix: str) -> str | None:
    """What is wrong with a checkpoint; None if every tensor of it can be read and fits its checksum.

    Restoring it would not show all damage: TensorFlow reads the variables of an optimizer at their first use.

    Args:
      prefix: path of the checkpoint without `.index`.
    """
    import tensorflow as tf

    from models.tensorflow_paths import tensorflow_path

    try:
        reader = tf.train.load_checkpoint(tensorflow_path(prefix))
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)
    except (tf.errors.OpError, IndexError, ValueError, RuntimeError, OSError) as error:
        text = re.sub(r"^TensorBundle at \S+ shard \d+ \(\d+ bytes\): ", "", str(error))
        return text.splitlines()[0] if text else type(error).__name__
    return None


def choose_latest(run: RunFolder) -> list[tuple[str, str]]:
    """Makes the newest intact checkpoint the one to resume from, and renames newer ones, which are damaged.

    It also rewrites TensorFlow's record of the latest checkpoint, which is stale if a process died at the wrong moment.

    Returns:
      (name, what is wrong) of each that was renamed.
    """
    damaged = []
    while latest := run.latest_checkpoint():
        reason = damage_of(latest)
        if reason is None:
            break
        name = Path(latest).name
        damaged.append((name, reason))
        for file in run.checkpoints.glob(f"{name}.*"):
            os.replace(file, file.with_name(DAMAGED + file.name))
    if run.checkpoints.is_dir():
        _note_latest(run)
    return damaged


def _note_latest(run: RunFolder) -> None:
    """Writes the file in which TensorFlow's `CheckpointManager` finds the latest checkpoint, in TensorFlow's format.

    The names in it are relative: the folder may be moved, and reached by another path.
    """
    names = [prefix.name for prefix in checkpoints_in(run.checkpoints)]
    if names:
        lines = [f'model_checkpoint_path: "{names[-1]}"', *(f'all_model_checkpoint_paths: "{name}"' for name in names)]
        write_whole(run.checkpoints / "checkpoint", "\n".join(lines) + "\n")
    else:
        (run.checkpoints / "checkpoint").unlink(missing_ok=True)


def best_checkpoint(run: RunFolder, steps: Sequence[int]) -> str | None:
    """Prefix of the best weights that a run has kept; None if it has kept none.

    The weights of the best evaluation can be gone: a later evaluation replaced them before a damaged checkpoint set the
    run back, or an earlier version ranked the run in the other direction.

    Args:
      run: the folder.
      steps: of its evaluations, the best first.
    """
    best = {step: str(prefix) for step, prefix in best_weights_in(run.best_checkpoint).items()}
    if not best:
        return None
    latest = {step_of(str(prefix)): str(prefix) for prefix in checkpoints_in(run.checkpoints)}
    kept = {**latest, **best}
    chosen = next((step for step in steps if step in kept), max(best))
    if not steps or chosen != steps[0]:
        first = steps[0] if steps else None
        log.warning("the weights of step %s are gone; those of step %d are used", first, chosen)
    return kept[chosen]


def step_of(prefix: str) -> int:
    """The step of a checkpoint, from its prefix."""
    return int(prefix.rsplit("-", 1)[1])
