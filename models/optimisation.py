"""The base config of models: how a network is trained belongs to the network, not to the trainer."""

import abc
import dataclasses
from typing import ClassVar, TYPE_CHECKING

from data.errors import UserError
from data.options import option, Options

if TYPE_CHECKING:
    import tensorflow as tf


@dataclasses.dataclass
class Model(Options, abc.ABC):
    """The chosen option of the model group: a network, and how it is trained.

    A subclass adds the network's own keys with their limits, and `build`.
    """

    name: str = option()
    batch_size: int = option(low=1, high=4096)
    optimizer: str = option(choices=("adam", "muon", "sgd"))
    learning_rate: float = option(above=0.0, high=10.0)
    schedule: str = option(choices=("constant", "cosine", "stepwise"))
    drops: list[float] = option(above=0.0, high=1.0)
    drop_factor: float = option(above=0.0, high=1.0)
    warmup: float = option(low=0.0, high=1.0)
    train_steps: int = option(low=1)  # this and the next are defaults of the trainer's keys, which the engine reads
    validation_interval: int = option(low=1)

    warmup_learning_rate: ClassVar[float] = 0.0
    """Learning rate at the start of a warm-up; a model can make it a config key."""

    weight_keys: ClassVar[tuple[str, ...]] = ()
    """Keys that decide the shapes of the weights, which `model.init_from` has to match."""

    def check(self) -> None:
        if self.drops != sorted(self.drops):
            raise UserError("model.drops", f"{self.drops} is not in ascending order")

    @abc.abstractmethod
    def build(self) -> "tf.keras.Model":
        """The network with fresh weights; called under the strategy's scope."""
