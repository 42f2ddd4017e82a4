"""The project's own layers."""

import numpy as np
import pytest
import tensorflow as tf

from models.layers.resumable_dropout import ResumableDropout
from models.layers.scaled_convolution import RELU_GAIN, ScaledConv2D


def test_scaled_kernels_are_standardised_per_output_channel():
    layer = ScaledConv2D(5, 3, padding="same")
    layer.build((None, 8, 8, 7))
    layer.kernel.assign(np.random.default_rng(0).normal(3, 2, layer.kernel.shape))
    kernel = layer.standardised(layer.kernel).numpy()
    np.testing.assert_allclose(kernel.mean((0, 1, 2)), 0, atol=1e-6)
    np.testing.assert_allclose(kernel.var((0, 1, 2)) * 63, RELU_GAIN**2, rtol=1e-4)


def test_a_constant_kernel_does_not_divide_by_zero():
    layer = ScaledConv2D(2, 3, kernel_initializer="ones")
    assert np.isfinite(layer(np.ones((1, 5, 5, 1), np.float32))).all()


def test_signals_keep_their_size_through_many_scaled_layers():
    tf.keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(4, 32, 32, 64)).astype(np.float32)
    for _ in range(10):
        x = ScaledConv2D(64, 3, padding="same", activation="relu")(x)
    assert 0.2 < float(tf.math.reduce_std(x)) < 5


def test_dropout_drops_its_share_and_keeps_the_mean():
    layer = ResumableDropout(0.3, seed=1)
    x = np.ones((4, 50, 50, 8), np.float32)
    dropped = layer(x, training=True).numpy()
    assert np.mean(dropped == 0) == pytest.approx(0.3, abs=0.02)
    assert dropped.mean() == pytest.approx(1, abs=0.03)
    np.testing.assert_array_equal(layer(x, training=False), x)


def test_dropout_masks_differ_by_step_and_layer_and_come_back_from_a_checkpoint(tmp_path):
    x = np.ones((1, 40, 40, 1), np.float32)
    layer, other = ResumableDropout(0.5, seed=1), ResumableDropout(0.5, seed=2)
    first, second = layer(x, training=True), layer(x, training=True)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, other(x, training=True))
    path = tf.train.Checkpoint(layer=layer).write(str(tmp_path / "checkpoint"))
    third = layer(x, training=True)
    resumed = ResumableDropout(0.5, seed=1)
    resumed(x)
    tf.train.Checkpoint(layer=resumed).read(path).assert_consumed()
    np.testing.assert_array_equal(resumed(x, training=True), third)
