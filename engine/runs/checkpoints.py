"""Checkpoints that can be trusted: one that was damaged on disk is set aside, and the one before it is used."""

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
"""Put before the names of a damaged checkpoint's files; nothing looks for those again."""


def damage_of(prefix: str) -> str | None:
    """What is wrong with a checkpoint; None if every tensor of it can be read and fits its checksum.

    To restore it would not do: TensorFlow reads what an optimizer holds only once that is used.

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
    """Makes the newest whole checkpoint the one to go on from; damaged ones that are newer are renamed.

    TensorFlow's own note of the latest is written anew: it lags behind when a process dies at the wrong moment.

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
    """Writes the file by which TensorFlow's `CheckpointManager` finds the latest checkpoint, in TensorFlow's form.

    The names in it are relative: the folder may be moved, and reached by another path.
    """
    names = [prefix.name for prefix in checkpoints_in(run.checkpoints)]
    if names:
        lines = [f'model_checkpoint_path: "{names[-1]}"', *(f'all_model_checkpoint_paths: "{name}"' for name in names)]
        write_whole(run.checkpoints / "checkpoint", "\n".join(lines) + "\n")
    else:
        (run.checkpoints / "checkpoint").unlink(missing_ok=True)


def best_checkpoint(run: RunFolder, steps: Sequence[int]) -> str | None:
    """Prefix of the best weights that a run has kept; None if it has kept none of an evaluation.

    Those of the best evaluation are gone where a later one had taken their place before a damaged checkpoint sent the
    run back, and where the run was ranked the other way round before.

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
