"""The optimizer: the shape of its updates, and resuming."""

import numpy as np
import pytest
import tensorflow as tf

from models.muon import ADAM_UPDATE_SIZE, Muon, orthogonalised


@pytest.mark.parametrize("shape", [(40, 12), (12, 40), (16, 16)])
def test_orthogonalised_keeps_the_directions_and_evens_their_sizes(shape: tuple[int, int]):
    matrix = np.random.default_rng(0).normal(size=shape).astype(np.float32) * 1e-4
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    sizes = np.diag(left.T @ orthogonalised(matrix).numpy() @ right.T)
    assert sizes.min() > 0.6
    assert sizes.max() < 1.3


def test_no_gradient_no_change():
    np.testing.assert_array_equal(orthogonalised(tf.zeros((3, 5))), np.zeros((3, 5)))


def test_kernels_move_as_far_as_adam_moves_and_the_rest_is_adam():
    rng = np.random.default_rng(1)
    kernel, bias = (tf.Variable(rng.normal(size=shape).astype(np.float32)) for shape in ((3, 3, 16, 32), (32,)))
    other = tf.Variable(bias)
    optimizer, adam = Muon(0.1), tf.keras.optimizers.Adam(0.1, beta_2=0.99)
    before = kernel.numpy()
    for _ in range(3):
        gradient = tf.constant(rng.normal(size=bias.shape).astype(np.float32))
        optimizer.apply_gradients([(tf.constant(rng.normal(size=kernel.shape), tf.float32), kernel), (gradient, bias)])
        adam.apply_gradients([(gradient, other)])
        moved = np.sqrt(np.mean((kernel.numpy() - before) ** 2))
        # An orthogonal matrix of M x N, M > N, has entries of root mean square sqrt(1 / M).
        assert moved == pytest.approx(0.1 * ADAM_UPDATE_SIZE, rel=0.35)
        before = kernel.numpy()
    np.testing.assert_allclose(bias, other, rtol=1e-4)


def test_it_resumes_from_a_checkpoint(tmp_path):
    gradients = [np.random.default_rng(n).normal(size=(1, 1, 4, 4)).astype(np.float32) for n in range(4)]

    def steps(optimizer: Muon, kernel: tf.Variable, chosen: list[np.ndarray]) -> None:
        for gradient in chosen:
            optimizer.apply_gradients([(tf.constant(gradient), kernel)])

    optimizer, kernel = Muon(0.1), tf.Variable(tf.ones((1, 1, 4, 4)))
    steps(optimizer, kernel, gradients[:2])
    path = tf.train.Checkpoint(optimizer=optimizer, kernel=kernel).write(str(tmp_path / "checkpoint"))
    steps(optimizer, kernel, gradients[2:])
    resumed, again = Muon(0.1), tf.Variable(tf.zeros((1, 1, 4, 4)))
    resumed.build([again])
    tf.train.Checkpoint(optimizer=resumed, kernel=again).read(path).assert_consumed()
    steps(resumed, again, gradients[2:])
    np.testing.assert_array_equal(again, kernel)
