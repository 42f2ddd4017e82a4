"""The structural similarity against TensorFlow's."""

import numpy as np
import pytest
import tensorflow as tf

from models.cleaner.ssim import structural_similarity


@pytest.mark.parametrize("shape", [(3, 224, 224, 1), (2, 40, 57, 3), (1, 11, 11, 1)])
def test_it_is_that_of_tensorflow(shape: tuple[int, ...]):
    rng = np.random.default_rng(0)
    one = rng.random(shape, np.float32)
    for other in (rng.random(shape, np.float32), one, 1 - one, (one > 0.5).astype(np.float32), np.ones_like(one)):
        expected = tf.image.ssim(tf.constant(one), tf.constant(other), max_val=1.0)
        found = structural_similarity(tf.constant(one), tf.constant(other))
        np.testing.assert_allclose(found, expected, atol=2e-5)


def test_white_pictures_are_alike():
    white = tf.ones((2, 224, 224, 1))
    np.testing.assert_allclose(structural_similarity(white, white), 1, atol=1e-4)
