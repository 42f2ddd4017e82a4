"""The input of a network for a page."""

import numpy as np
import tensorflow as tf
from official.vision.ops import preprocess_ops

from models.detector.page_input import network_input


def pages() -> np.ndarray:
    pixels = np.full((3, 40, 30, 1), 255, np.uint8)
    pixels[0, 10:15, 5:25] = 0
    pixels[1, 20:30, 5:10] = 100
    return pixels


def test_ink_is_one_and_paper_zero():
    ink = network_input(tf.constant(pages()), 1).numpy()
    assert ink.shape == (3, 40, 30, 1)
    assert ink.dtype == np.float32
    np.testing.assert_allclose(ink, 1 - pages() / 255, atol=1e-6)


def test_an_inverted_page_gives_the_same_ink():
    ink, inverted = (network_input(tf.constant(shown), 1) for shown in (pages(), 255 - pages()))
    np.testing.assert_allclose(inverted, ink, atol=1e-6)


def test_each_page_of_a_batch_is_measured_by_itself():
    mixed = pages()
    mixed[1] = 255 - mixed[1]
    np.testing.assert_allclose(network_input(tf.constant(mixed), 1), network_input(tf.constant(pages()), 1), atol=1e-6)


def test_three_channels_are_normalised_as_tf_models_does():
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, (2, 20, 30, 1)).astype(np.uint8)
    ours = network_input(tf.constant(grey), 3)
    for page, image in zip(grey, ours, strict=True):
        theirs = preprocess_ops.normalize_image(tf.image.grayscale_to_rgb(tf.constant(page)))
        np.testing.assert_allclose(image, theirs, atol=1e-5)


def test_floats_count_as_bytes_do():
    for channels in (1, 3):
        as_bytes, as_floats = (network_input(tf.constant(pages().astype(kind)), channels) for kind in ("u1", "f4"))
        np.testing.assert_array_equal(as_bytes, as_floats)
