"""Measures an exported cleaner on fixed pairs, as SignVer would run it."""

import tensorflow as tf

from data.signatures.pair_pipeline import validation_pairs
from data.signatures.pair_pools import PairPools
from models.cleaner.metrics import cleaner_metrics

BATCH_SIZE = 32


def evaluate_cleaner(model: tf.keras.Model, pools: PairPools, progress=lambda done, text: None) -> dict[str, float]:
    """Metrics of `models.cleaner.metrics` over a dataset's validation pairs.

    Args:
      model: an export (`models.cleaner.export.load_cleaner`).
      pools: the dataset.
      progress: called with (pairs done, "").
    """
    metrics = cleaner_metrics()
    predict = tf.function(lambda image: model(image, training=False)[..., :1], autograph=False)
    total = len(pools.validation_clean)
    for number, batch in enumerate(
        validation_pairs(pools.validation_noisy, pools.validation_clean, batch_size=min(BATCH_SIZE, total)), start=1
    ):
        cleaned = predict(tf.repeat(tf.cast(batch["noisy"], tf.float32), 3, axis=-1))
        for metric in metrics:
            metric.update_state(tf.cast(batch["clean"], tf.float32), cleaned, batch["weight"])
        progress(min(number * BATCH_SIZE, total), "")
    return {metric.name: float(metric.result()) for metric in metrics}
