"""Metrics against values computed by hand or by NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from models.cleaner.metrics import cleaner_metrics


def measure(clean: np.ndarray, cleaned: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
    metrics = cleaner_metrics()
    for metric in metrics:
        metric.update_state(clean, cleaned, weight)
    return {metric.name: float(metric.result()) for metric in metrics}


def picture(*ink: tuple[int, int]) -> np.ndarray:
    image = np.ones((1, 16, 16, 1), np.float32)
    for row, column in ink:
        image[0, row, column] = 0
    return image


def test_ink_counts():
    scores = measure(picture((1, 1), (2, 2), (3, 3)), picture((2, 2), (3, 3), (4, 4), (5, 5)))
    assert scores["ink_precision"] == pytest.approx(2 / 4)
    assert scores["ink_recall"] == pytest.approx(2 / 3)
    assert scores["ink_f1"] == pytest.approx(2 * 2 / (4 + 3))


def test_error_and_psnr():
    clean, cleaned = picture((1, 1)), picture()
    scores = measure(clean, cleaned)
    assert scores["rmse"] == pytest.approx(np.sqrt(1 / 256))
    assert scores["psnr"] == pytest.approx(10 * np.log10(256), rel=1e-5)


def test_a_perfect_picture_is_finite():
    scores = measure(picture((1, 1)), picture((1, 1)))
    assert scores == pytest.approx(
        {"ink_precision": 1, "ink_recall": 1, "ink_f1": 1, "ssim": 1, "psnr": 100, "rmse": 0}
    )


def test_no_ink_at_all_counts_nothing():
    assert measure(picture(), picture())["ink_f1"] == 0


def test_padding_of_weight_zero_changes_nothing():
    rng = np.random.default_rng(0)
    clean, cleaned = rng.random((2, 3, 16, 16, 1)).astype(np.float32)
    padded = measure(
        np.concatenate([clean, clean[:1]]), np.concatenate([cleaned, 1 - cleaned[:1]]), np.float32([1, 1, 1, 0])
    )
    assert padded == pytest.approx(measure(clean, cleaned), rel=1e-5)


def test_batches_add_up_and_reset_clears():
    rng = np.random.default_rng(0)
    clean, cleaned = rng.random((2, 4, 16, 16, 1)).astype(np.float32)
    metrics = cleaner_metrics()
    for metric in metrics:
        metric.update_state(1 - clean, cleaned)
        metric.reset_state()
        metric.update_state(clean[:1], cleaned[:1])
        metric.update_state(clean[1:], cleaned[1:])
    assert {m.name: float(m.result()) for m in metrics} == pytest.approx(measure(clean, cleaned), rel=1e-5)


def test_ssim_is_tensorflows():
    rng = np.random.default_rng(0)
    clean, cleaned = rng.random((2, 2, 32, 32, 1)).astype(np.float32)
    expected = float(tf.reduce_mean(tf.image.ssim(clean, cleaned, 1.0)))
    assert measure(clean, cleaned)["ssim"] == pytest.approx(expected, abs=1e-6)
