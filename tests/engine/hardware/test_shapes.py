"""Shapes of batches as text, and the refusal of those that are not fixed."""

import pytest
import tensorflow as tf

from engine.hardware import shapes as fixed_shapes

FIXED = {"noisy": tf.TensorSpec([2, 64, 64, 1], tf.uint8), "weight": tf.TensorSpec([2], tf.float32)}
OPEN = {"noisy": tf.TensorSpec([None, 64, 64, 1], tf.uint8)}


def test_in_words():
    assert fixed_shapes.describe(FIXED) == "noisy 2x64x64x1 uint8, weight 2 float32"
    assert fixed_shapes.describe((tf.TensorSpec([], tf.float32), OPEN)) == "image scalar float32, noisy ?x64x64x1 uint8"


def test_what_is_not_fixed_is_refused():
    fixed_shapes.check(FIXED, "train")
    with pytest.raises(ValueError, match=r"eval batches have no fixed shape: noisy is \(None, 64, 64, 1\)"):
        fixed_shapes.check(OPEN, "eval")
