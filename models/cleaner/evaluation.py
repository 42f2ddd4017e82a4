"""Measures an exported cleaner on fixed pairs, as SignVer would run it."""

import tensorflow as tf

from data.signatures.pair_data import PairData
from data.signatures.pair_pipeline import validation_pairs
from models.cleaner.metrics import cleaner_metrics
from models.cleaner.part_metrics import PartMetrics

BATCH_SIZE = 32


def evaluate_cleaner(model: tf.keras.Model, data: PairData, progress=lambda done, text: None) -> dict[str, float]:
    """Metrics of `models.cleaner.metrics` over a dataset's validation pairs, and of a mixture over those of each part.

    Args:
      model: an export (`models.cleaner.export.load_cleaner`).
      data: the dataset.
      progress: called with (pairs done, "").
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
        progress(min(number * BATCH_SIZE, total), "")
    return parts.results()
