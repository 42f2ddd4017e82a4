"""The processor beside whatever card a network is on."""

HOST = "/device:CPU:0"
"""For `tf.device`: input, suppression of boxes, pictures and exports run there. Habana's TensorFlow moves only what a
card cannot run, not what it should not run because shapes change."""
