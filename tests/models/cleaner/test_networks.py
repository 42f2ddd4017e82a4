"""The two cleaners: the reference layer by layer, the U-Net's shape, its start from the picture itself."""

import numpy as np
import pytest
import tensorflow as tf

from models.cleaner.autoencoder import build_autoencoder
from models.cleaner.unet import build_unet, PAPER_LOGIT
from models.layers.plain import plain_network


def test_the_autoencoder_is_the_reference_layer_by_layer():
    network = plain_network(build_autoencoder([64, 128, 256], 0.2))
    kinds = [type(layer).__name__ for layer in network.layers]
    level = ["Conv2D", "Dropout", "Conv2D", "MaxPooling2D"]
    assert kinds == ["InputLayer", *level * 3, "Dropout", *["Conv2DTranspose"] * 3, "Conv2D"]
    filters = [layer.filters for layer in network.layers if hasattr(layer, "filters")]
    assert filters == [64, 64, 128, 128, 256, 256, 256, 128, 64, 3]
    assert {layer.rate for layer in network.layers if hasattr(layer, "rate")} == {0.2}
    assert network.count_params() == 2_106_051
    assert network.input_shape == network.output_shape == (None, 224, 224, 3)


@pytest.mark.parametrize(("block_size", "filters"), [(1, [4, 4]), (2, [4, 8, 8]), (4, [8, 8, 8]), (8, [8])])
def test_the_unet_keeps_the_size_and_starts_as_the_picture(block_size: int, filters: list[int]):
    network = build_unet(filters, block_size, convolutions=1)
    image = np.random.default_rng(0).integers(0, 2, (2, 224, 224, 1)).astype(np.float32)
    np.testing.assert_array_equal(network(image), PAPER_LOGIT * image)


def test_every_weight_of_the_unet_learns():
    tf.keras.utils.set_random_seed(0)
    network = build_unet([8, 8, 8], 4, convolutions=2)
    network.get_layer("change").set_weights([np.full((1, 1, 8, 16), 0.1), np.zeros(16)])
    image = np.random.default_rng(0).integers(0, 2, (2, 224, 224, 1)).astype(np.float32)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(network(image, training=True) ** 2)
    gradients = tape.gradient(loss, network.trainable_variables)
    assert all(gradient is not None and float(tf.norm(gradient)) > 0 for gradient in gradients)


@pytest.mark.parametrize("build", [lambda: build_unet([8, 8], 4, 2), lambda: build_autoencoder([4, 4], 0.2)])
def test_the_plain_network_is_the_same_function(build):
    tf.keras.utils.set_random_seed(1)
    network = build()
    rng = np.random.default_rng(0)
    network.set_weights(
        [weight + rng.normal(0, 0.1, weight.shape).astype(weight.dtype) for weight in network.get_weights()]
    )
    image = rng.random((2, 224, 224, network.input_shape[-1])).astype(np.float32)
    plain = plain_network(network)
    assert {type(layer).__module__.split(".")[0] for layer in plain.layers} <= {"keras", "tf_keras"}
    np.testing.assert_allclose(plain(image), network(image), atol=1e-4)


@pytest.mark.parametrize("build", [lambda: build_unet([8, 8], 4, 2), lambda: build_autoencoder([4, 4], 0.2)])
def test_networks_compute_in_bfloat16_and_answer_in_float32(build):
    tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        network = build()
        image = np.ones((1, 224, 224, network.input_shape[-1]), np.float32)
        with tf.GradientTape() as tape:
            logits = network(image, training=True)
            loss = tf.reduce_mean(logits)
        gradients = tape.gradient(loss, network.trainable_variables)
    finally:
        tf.keras.mixed_precision.set_global_policy("float32")
    assert logits.dtype == tf.float32
    assert all(gradient.dtype == tf.float32 for gradient in gradients)
