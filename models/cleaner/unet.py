"""The project's own cleaner: a U-Net (Ronneberger, Fischer and Brox 2015) for thresholded signatures on few cores."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from data.options import option
from models.cleaner.network import check_levels, CleanerModel

if TYPE_CHECKING:
    import tensorflow as tf

CHANNELS = 1

PAPER_LOGIT = 6.0
"""Initial logit of a white pixel: print only adds ink, so white pixels stay white by default."""


@dataclasses.dataclass
class Unet(CleanerModel):
    """A small U-Net on blocks of pixels."""

    filters: list[int] = option(low=1, high=4096)
    block_size: int = option(low=1, high=16)
    convolutions: int = option(low=1, high=16)
    window: int = option(low=8, high=224)  # type: ignore[misc]
    ink_weight: float = option(above=0.0, high=1000.0)  # type: ignore[misc]
    init_from: str = option(former="")  # type: ignore[misc]

    weight_keys = ("filters", "block_size", "convolutions")

    def check(self) -> None:
        super().check()
        check_levels(self.filters, len(self.filters) - 1, self.block_size, self.window)

    def build(self) -> "tf.keras.Model":
        return build_unet(self.filters, self.block_size, self.convolutions)


def build_unet(filters: Sequence[int], block_size: int, convolutions: int) -> "tf.keras.Model":
    """A U-Net that sees each block of pixels as one position, and starts from the noisy picture itself.

    A thresholded picture has one bit a pixel: 4x4 pixels fit into 16 channels without loss, and a convolution over
    blocks costs a sixteenth of one over pixels. The last layer turns each block back into pixels. Skips are added, not
    concatenated, and upsampling is a 1x1 convolution with depth-to-space (Shi et al. 2016), which processors do at the
    speed of a matrix product.

    Args:
      filters: of each level, from the finest; each level halves the resolution.
      block_size: pixels a side of one position of the finest level.
      convolutions: 3x3 convolutions of each level, on the way down and again on the way up.

    Returns:
      Model from image float [B, H, W, 1] in [0, 1] to logits float32 [B, H, W, 1], for sides that halve evenly.
    """
    import tensorflow as tf

    from models.layers.scaled_convolution import ScaledConv2D

    layers = tf.keras.layers

    def convolve(x: tf.Tensor, width: int) -> tf.Tensor:
        for _ in range(convolutions):
            x = ScaledConv2D(width, 3, padding="same", activation="relu")(x)
        return x

    image = layers.Input((None, None, CHANNELS), name="image")
    x = tf.nn.space_to_depth(image, block_size) if block_size > 1 else image
    skips = []
    for width in filters[:-1]:
        x = convolve(x, width)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = convolve(x, filters[-1])
    for width, skip in zip(filters[-2::-1], reversed(skips), strict=True):
        x = layers.Conv2D(4 * width, 1)(x)
        x = layers.Add()([tf.nn.depth_to_space(x, 2), skip])
        x = convolve(x, width)
    change = layers.Conv2D(block_size**2, 1, kernel_initializer="zeros", dtype="float32", name="change")(x)
    if block_size > 1:
        change = tf.nn.depth_to_space(change, block_size)
    return tf.keras.Model(image, PAPER_LOGIT * image + change, name="unet")
