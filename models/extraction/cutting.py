"""Cut-outs: the part of a page around a box, cleaned on white and on transparency."""

from typing import Any

import numpy as np
import tensorflow as tf

from data.paper import Cutout
from models.cleaner.prediction import find_signature


class QuickModel:
    """An exported cleaner whose `predict` is one call of its graph; that of Keras sets up a loop each time.

    Args:
      model: from `models.cleaner.export.load_cleaner`.
    """

    def __init__(self, model: tf.keras.Model) -> None:
        shape = [None, *model.input_shape[1:]]
        self._call = tf.function(
            lambda images: model(images, training=False),
            input_signature=[tf.TensorSpec(shape, tf.float32)],
            autograph=False,
        )

    def predict(self, images: np.ndarray, **_: Any) -> np.ndarray:
        """float32 [B, 224, 224, 3] to the same."""
        return self._call(tf.constant(images, tf.float32)).numpy()


def cut(page: np.ndarray, box: tuple[float, float, float, float], margin: float) -> np.ndarray:
    """The part of a page in a box.

    Args:
      page: uint8 [H, W] or [H, W, 3].
      box: left, top, right, bottom in pixels.
      margin: added on each side, as a share of the box's height.

    Returns:
      uint8 [h, w] or [h, w, 3], at least 8 pixels a side where the page has them.
    """
    left, top, right, bottom = box
    around = margin * (bottom - top)
    rows = _within(top - around, bottom + around, page.shape[0])
    columns = _within(left - around, right + around, page.shape[1])
    return page[rows, columns]


def _within(start: float, stop: float, length: int, least: int = 8) -> slice:
    first, last = int(np.floor(start)), int(np.ceil(stop))
    if last - first < least:
        first = (first + last - least) // 2
        last = first + least
    first = min(max(0, first), max(0, length - least))
    return slice(first, max(min(last, length), min(first + least, length)))


def clean(cleaner: QuickModel, crop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cleans a cut-out.

    Args:
      cleaner: the model.
      crop: uint8 [h, w], or red, green and blue, uint8 [h, w, 3]; dark on light.

    Returns:
      (cleaned, uint8 of the crop's shape, on white; the same on transparency, uint8 [h, w, 4], red, green, blue and
      opacity). On white paper, both are the same up to rounding.
    """
    keep, _ = find_signature(cleaner, crop)
    cutout = Cutout(crop, keep)
    return cutout.on_white(), cutout.transparent()
