"""The processor beside whatever card a network is on."""

HOST = "/device:CPU:0"
"""For `tf.device`: input, suppression of boxes, pictures and exports belong there. What Habana's TensorFlow cannot run
it puts there by itself; what it can but should not, since shapes change, it does not."""
