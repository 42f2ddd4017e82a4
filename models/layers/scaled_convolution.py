"""Convolutions with standardised weights: stable like batch normalisation, at a small cost.

Scaled weight standardisation is from Brock, De and Smith, "Characterizing signal propagation to close the performance
gap in unnormalized ResNets" (2021). It normalises kernels, not activations: on a processor it costs next to nothing,
it is the same in training and use, and it folds into plain convolutions for export.
"""

import math

import tensorflow as tf

layers = tf.keras.layers

RELU_GAIN = math.sqrt(2 / (1 - 1 / math.pi))
"""Makes up for the variance that a ReLU takes from a standard normal input."""

_SMALLEST_VARIANCE = 1e-6


class ScaledConv2D(layers.Conv2D):
    """A convolution whose kernel has mean 0 and variance 1 / fan-in for each output channel, times a learned gain.

    Takes `layers.Conv2D`'s arguments; the activation is expected to be ReLU.
    """

    def build(self, input_shape) -> None:
        super().build(input_shape)
        self.gain = self.add_weight(name="gain", shape=(self.filters,), initializer="ones")

    def convolution_op(self, inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        return super().convolution_op(inputs, tf.cast(self.standardised(kernel), inputs.dtype))

    def standardised(self, kernel: tf.Tensor) -> tf.Tensor:
        """The kernel that the convolution uses, float32 of the kernel's shape."""
        kernel = tf.cast(kernel, tf.float32)
        mean, variance = tf.nn.moments(kernel, [0, 1, 2], keepdims=True)
        fan_in = math.prod(kernel.shape[:3])
        scale = tf.math.rsqrt(tf.maximum(variance * fan_in, _SMALLEST_VARIANCE)) * RELU_GAIN
        return (kernel - mean) * scale * tf.cast(self.gain, tf.float32)

    def plain_layer(self) -> layers.Layer:
        """Keras' own layer of the same function."""
        return layers.Conv2D.from_config(self.get_config())

    def plain_weights(self) -> list[tf.Tensor]:
        """The weights of `plain_layer`: the kernel as it is used, and the bias."""
        return [self.standardised(self.kernel), self.bias]
