"""The reference cleaner of SignVer, layer by layer (victordibia/signver, `training/habana`)."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from data.options import option
from data.signver import MODEL_SIZE
from models.cleaner.network import check_levels, CleanerModel

if TYPE_CHECKING:
    import tensorflow as tf

CHANNELS = 3


@dataclasses.dataclass
class Autoencoder(CleanerModel):
    """A convolutional autoencoder at full resolution."""

    filters: list[int] = option(low=1, high=4096)
    dropout: float = option(low=0.0, high=0.95)
    init_from: str = option(former="")  # type: ignore[misc]

    weight_keys = ("filters",)

    def check(self) -> None:
        super().check()
        check_levels(self.filters, halvings=len(self.filters))

    def build(self) -> "tf.keras.Model":
        return build_autoencoder(self.filters, self.dropout)


def build_autoencoder(filters: Sequence[int], dropout: float) -> "tf.keras.Model":
    """A convolutional autoencoder at full resolution; 2.1 M parameters with the reference's filters.

    Per level: 3x3 convolution, dropout, 3x3 convolution, 2x2 max pooling; dropout; then one strided transposed
    convolution a level and a 3x3 convolution to three channels. The reference's last sigmoid is left to the loss and
    to the export (`models.cleaner.training.as_image`), which is the same function and numerically safer.

    Args:
      filters: of each level, from the finest.
      dropout: share of activations dropped.

    Returns:
      Model from image float [B, 224, 224, 3] in [0, 1] to logits float32 [B, 224, 224, 3].
    """
    import tensorflow as tf

    from models.layers.resumable_dropout import ResumableDropout

    layers = tf.keras.layers
    image = x = layers.Input((MODEL_SIZE, MODEL_SIZE, CHANNELS), name="image")
    for level, width in enumerate(filters):
        x = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        x = ResumableDropout(dropout, seed=level)(x)
        x = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2, padding="same")(x)
    x = ResumableDropout(dropout, seed=len(filters))(x)
    for width in reversed(filters):
        x = layers.Conv2DTranspose(width, 3, strides=2, padding="same", activation="relu")(x)
    logits = layers.Conv2D(CHANNELS, 3, padding="same", dtype="float32", name="logits")(x)
    return tf.keras.Model(image, logits, name="autoencoder")
