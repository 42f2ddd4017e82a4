"""Validation pictures of a run: `samples.png` of the best model so far, and TensorBoard's Images tab over time."""

import numpy as np
import tensorflow as tf

from data.ink import unpack
from data.signatures.pair_pools import PairPools
from engine.run_folder import RunFolder
from models.cleaner_task import as_image
from models.host import HOST
from models.pictures import save_sheet, triptych
from models.tensorflow_paths import tensorflow_path


class CleanerPictures:
    """Draws the same validation pairs after every evaluation: noisy, cleaned, target side by side.

    Args:
      run: the folder; pictures go to `samples.png` and `validation/`.
      pools: the dataset.
      count: how many pairs, spread evenly over the validation set; 0 for none.
    """

    def __init__(self, run: RunFolder, pools: PairPools, count: int) -> None:
        total = len(pools.validation_clean)
        chosen = np.unique(np.linspace(0, total - 1, min(count, total), dtype=int))
        self._noisy, self._clean = (
            (~unpack(pool[chosen])).astype(np.float32)[..., None]
            for pool in (pools.validation_noisy, pools.validation_clean)
        )
        self._run = run
        folder = tensorflow_path(run.path / "validation")
        self._writer = tf.summary.create_file_writer(folder, filename_suffix=".images") if count else None

    def write(self, model: tf.keras.Model, step: int, logged: bool, is_best: bool) -> None:
        """Cleans the pairs by the model as it is and draws them: for TensorBoard if logged, as samples if the best."""
        if self._writer is None or not (logged or is_best):
            return
        channels = model.input_shape[-1]
        with tf.device(HOST):  # a batch of its own size would be compiled for on a card
            cleaned = as_image(model(np.repeat(self._noisy, channels, axis=-1), training=False)).numpy()[..., :1]
        triptychs = [triptych(*panels) for panels in zip(self._noisy, cleaned, self._clean, strict=True)]
        if logged:
            with self._writer.as_default(), tf.device(HOST):
                tf.summary.image(
                    "noisy, cleaned, target", np.stack(triptychs)[..., None], step=step, max_outputs=len(triptychs)
                )
                self._writer.flush()
        if is_best:
            save_sheet(self._run.samples, triptychs)
