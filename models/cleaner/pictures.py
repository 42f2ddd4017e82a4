"""Pictures of validation pairs during training."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from data.ink import unpack
from data.sampling import spread
from data.signatures.pair_data import PairData
from models.cleaner.drawing import save_sheet, triptych
from models.cleaner.training import as_image
from models.task import Pictures


class CleanerPictures(Pictures):
    """Noisy, cleaned and target side by side.

    Args:
      data: the dataset.
      count: how many pairs, spread evenly over the validation split.
    """

    caption = "noisy, cleaned, target"

    def __init__(self, data: PairData, count: int) -> None:
        chosen = spread(len(data.validation), count)
        self._noisy, self._clean = (
            (~unpack(pool[chosen])).astype(np.float32)[..., None]
            for pool in (data.validation_noisy, data.validation_clean)
        )

    def draw(self, model: tf.keras.Model) -> np.ndarray:
        channels = model.input_shape[-1]
        cleaned = as_image(model(np.repeat(self._noisy, channels, axis=-1), training=False)).numpy()[..., :1]
        triptychs = [triptych(*panels) for panels in zip(self._noisy, cleaned, self._clean, strict=True)]
        return np.stack(triptychs)[..., None]

    def save(self, drawn: Any, path: Path) -> None:
        save_sheet(path, list(drawn[..., 0]))
