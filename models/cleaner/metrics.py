"""Metrics of cleaned pictures: PSNR, SSIM, RMSE, and precision, recall and F1 of ink pixels."""

import tensorflow as tf

from models.cleaner.ssim import structural_similarity

INK_THRESHOLD = 0.5
"""A pixel darker than this is ink: images are near-binary, so Otsu's threshold lies there too."""

MAX_PSNR = 100.0
"""In dB; replaces the infinite PSNR of a perfect picture, so that means stay finite."""


class InkScore(tf.keras.metrics.Metric):
    """Precision, recall or F1 of ink pixels, counted over all pictures together.

    Args:
      score: "precision", "recall" or "f1"; the metric's name becomes `ink_<score>`.
      prefix: put before the name.
    """

    def __init__(self, score: str, prefix: str = "") -> None:
        super().__init__(name=f"{prefix}ink_{score}", dtype=tf.float32)
        self._score = score
        # float64 counts exactly up to 2^53 pixels; float32 would stop at 16 million
        self._hits, self._found, self._true = (
            self.add_weight(name=name, initializer="zeros", dtype=tf.float64) for name in ("hits", "found", "true")
        )

    def update_state(self, clean: tf.Tensor, cleaned: tf.Tensor, sample_weight: tf.Tensor | None = None) -> None:
        """Counts one batch; both images are float [B, H, W, C] in [0, 1], the weight is [B]."""
        true, found = (tf.cast(image < INK_THRESHOLD, tf.float32) for image in (clean, cleaned))
        if sample_weight is not None:
            weight = tf.reshape(sample_weight, [-1, 1, 1, 1])
            true, found = true * weight, found * weight
        for counter, count in ((self._hits, true * found), (self._found, found), (self._true, true)):
            counter.assign_add(tf.cast(tf.reduce_sum(count), tf.float64))

    @tf.autograph.experimental.do_not_convert
    def result(self) -> tf.Tensor:
        """The score in [0, 1]; 0 if there is nothing to count."""
        below = {"precision": self._found, "recall": self._true, "f1": (self._found + self._true) / 2}[self._score]
        return tf.cast(tf.math.divide_no_nan(self._hits, below), tf.float32)

    def reset_state(self) -> None:
        for counter in (self._hits, self._found, self._true):
            counter.assign(0.0)


class ImageMean(tf.keras.metrics.Mean):
    """Mean over pictures of PSNR (dB, at most 100) or SSIM (`models.cleaner.ssim`).

    Args:
      score: "psnr" or "ssim".
      prefix: put before the name.
    """

    def __init__(self, score: str, prefix: str = "") -> None:
        super().__init__(name=f"{prefix}{score}", dtype=tf.float32)
        self._score = score

    def update_state(self, clean: tf.Tensor, cleaned: tf.Tensor, sample_weight: tf.Tensor | None = None) -> None:
        """Adds one batch; both images are float [B, H, W, C] in [0, 1], the weight is [B]."""
        if self._score == "psnr":
            values = tf.minimum(tf.image.psnr(clean, cleaned, max_val=1.0), MAX_PSNR)
        else:
            values = structural_similarity(clean, cleaned)
        super().update_state(values, sample_weight)


class RootMeanSquare(tf.keras.metrics.Mean):
    """Root of the mean squared error over all pixels of all pictures, in [0, 1].

    Args:
      prefix: put before the name.
    """

    def __init__(self, prefix: str = "") -> None:
        super().__init__(name=f"{prefix}rmse", dtype=tf.float32)

    def update_state(self, clean: tf.Tensor, cleaned: tf.Tensor, sample_weight: tf.Tensor | None = None) -> None:
        """Adds one batch; both images are float [B, H, W, C] in [0, 1], the weight is [B]."""
        super().update_state(tf.reduce_mean(tf.math.squared_difference(clean, cleaned), [1, 2, 3]), sample_weight)

    @tf.autograph.experimental.do_not_convert
    def result(self) -> tf.Tensor:
        return tf.sqrt(super().result())


def cleaner_metrics(prefix: str = "") -> list[tf.keras.metrics.Metric]:
    """New instances of all metrics; each has `update_state(clean, cleaned, weight)`.

    Args:
      prefix: put before their names.
    """
    ink = [InkScore(score, prefix) for score in ("precision", "recall", "f1")]
    return [*ink, ImageMean("ssim", prefix), ImageMean("psnr", prefix), RootMeanSquare(prefix)]
