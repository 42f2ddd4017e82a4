"""The base config of the cleaner's networks."""

import dataclasses
from typing import ClassVar, TYPE_CHECKING

from data.errors import UserError
from data.signver import MODEL_SIZE
from models.optimisation import Model

if TYPE_CHECKING:
    import tensorflow as tf


@dataclasses.dataclass
class CleanerModel(Model):
    """A network from image float [B, 224, 224, C] in [0, 1] to logits float32 of the same shape, C = 1 or 3."""

    window: ClassVar[int] = MODEL_SIZE
    """Side in pixels of the part of each pair that training shows; a model can make it a config key."""

    ink_weight: ClassVar[float] = 1.0
    """Weight of an ink pixel's loss against 1 for paper; a model can make it a config key."""

    init_from: ClassVar[str] = ""
    """Run whose best weights a new one starts from, or `pretrained`; a model can make it a config key."""

    def build(self) -> "tf.keras.Model":
        raise NotImplementedError


def check_levels(filters: list[int], halvings: int, block: int = 1, window: int = MODEL_SIZE) -> None:
    """Refuses levels that do not fit: the sides of the picture must halve evenly at each level.

    Args:
      filters: of each level.
      halvings: of the resolution, from the finest level to the coarsest.
      block: side in pixels of the blocks that the finest level sees as one position.
      window: side in pixels of the part that training shows.

    Raises:
      UserError: names the key.
    """
    if MODEL_SIZE % block:
        raise UserError("model.block_size", f"{MODEL_SIZE} pixels cannot be cut into blocks of {block}")
    if window % 8 or window % (block * 2**halvings):
        raise UserError(
            "model.window", f"{window} pixels cannot be halved evenly at every level, nor cut into bytes of 8 pixels"
        )
    if not filters or MODEL_SIZE // block % 2**halvings:
        raise UserError(
            "model.filters",
            f"{len(filters)} levels on blocks of {block} need a picture whose side divides by "
            f"{block * 2**halvings}; it has {MODEL_SIZE} pixels",
        )
