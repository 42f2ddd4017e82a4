"""Measures an exported cleaner on fixed pairs, as SignVer would run it."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from data.signatures.pair_data import PairData
from data.signatures.pair_pipeline import validation_pairs
from models.cleaner.metrics import cleaner_metrics, INK_THRESHOLD
from models.cleaner.part_metrics import PartMetrics

BATCH_SIZE = 32


Observer = Callable[[int, np.ndarray, np.ndarray, np.ndarray], None]
"""Told of each pair: its number; noisy, cleaned and clean, float32 [224, 224, 1] in [0, 1]."""


def evaluate_cleaner(
    model: tf.keras.Model,
    data: PairData,
    progress: Callable[[int, str], None] = lambda done, text: None,
    observe: Observer | None = None,
) -> dict[str, float]:
    """Metrics of `models.cleaner.metrics` over a dataset's validation pairs, and of a mixture over those of each part.

    Args:
      model: an export (`models.cleaner.export.load_cleaner`).
      data: the dataset.
      progress: called with (pairs done, "").
      observe: called with each pair.
    """
    parts = PartMetrics(data.validation_parts)
    metrics = parts.build(cleaner_metrics)
    predict = tf.function(lambda image: model(image, training=False)[..., :1], autograph=False)
    total = len(data.validation)
    pairs = validation_pairs(data.validation_noisy, data.validation_clean, batch_size=min(BATCH_SIZE, total))
    for number, batch in enumerate(pairs, start=1):
        cleaned = predict(tf.repeat(tf.cast(batch["noisy"], tf.float32), 3, axis=-1))
        for metric, weight in parts.weighted(metrics, batch):
            metric.update_state(tf.cast(batch["clean"], tf.float32), cleaned, weight)
        if observe:
            pictures = (batch["noisy"], cleaned, batch["clean"])
            arrays = (tf.cast(each, tf.float32).numpy() for each in pictures)
            for place, panels in enumerate(zip(*arrays, strict=True), start=(number - 1) * len(cleaned)):
                if place < total:
                    observe(place, *panels)
        progress(min(number * BATCH_SIZE, total), "")
    return parts.results()


def pair_quality(cleaned: np.ndarray, clean: np.ndarray) -> float:
    """F1 of the ink pixels of one pair, float [H, W, 1] in [0, 1]; 1 if there is no ink in either."""
    found, true = cleaned < INK_THRESHOLD, clean < INK_THRESHOLD
    counted = int(found.sum() + true.sum())
    return 2 * int((found & true).sum()) / counted if counted else 1.0
