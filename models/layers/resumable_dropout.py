"""Dropout whose state a checkpoint holds."""

import tensorflow as tf

layers = tf.keras.layers


class ResumableDropout(layers.Layer):
    """Inverted dropout (Srivastava et al. 2014) with masks that follow from a counter of training steps.

    Keras keeps the state of its random generators out of checkpoints: a resumed run would repeat its first masks.
    Here the counter is a weight, so a resumed run has the masks of an uninterrupted run.

    Args:
      rate: share of activations dropped in training, in [0, 1).
      seed: sets this layer's masks apart from another's.
    """

    def __init__(self, rate: float, seed: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.rate, self.seed = rate, seed

    def build(self, input_shape) -> None:
        self.steps = self.add_weight(
            name="steps",
            shape=(),
            dtype=tf.int64,
            initializer="zeros",
            trainable=False,
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
        )
        super().build(input_shape)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        if not training or not self.rate:
            return inputs
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        seed = tf.stack([self.steps, self.seed + 2**32 * tf.cast(replica, tf.int64)])
        self.steps.assign_add(1)
        return tf.nn.experimental.stateless_dropout(inputs, self.rate, seed)

    def get_config(self) -> dict:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}

    def plain_layer(self) -> layers.Layer:
        """Keras' own layer of the same function in use."""
        return layers.Dropout(self.rate, name=self.name)

    def plain_weights(self) -> list:
        """The weights of `plain_layer`: none."""
        return []
