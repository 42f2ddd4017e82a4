"""Networks without layers of this project, for exports."""

import tensorflow as tf


def plain_network(network: tf.keras.Model) -> tf.keras.Model:
    """The same function from Keras' own layers only, with the current dtype policy.

    A layer of this project names its replacement by `plain_layer()` and `plain_weights()`.

    Args:
      network: a functional model.
    """

    def plain_layer(layer: tf.keras.layers.Layer) -> tf.keras.layers.Layer:
        own = getattr(layer, "plain_layer", None)
        return own() if own else layer.__class__.from_config(layer.get_config())

    plain = tf.keras.models.clone_model(network, clone_function=plain_layer)
    for trained, layer in zip(network.layers, plain.layers, strict=True):
        own = getattr(trained, "plain_weights", None)
        layer.set_weights(own() if own else trained.get_weights())
    return plain
