"""Muon, an optimizer that gives each direction of a kernel's update the same size.

Jordan and others, "Muon: an optimizer for hidden layers in neural networks" (2024). A kernel's momentum, seen as a
matrix of inputs by outputs, is replaced by approximately its nearest orthogonal matrix; rare directions then learn as
fast as common ones. Everything else (biases, gains) uses Adam (Kingma and Ba 2015). Updates of kernels are on average
as large as those of Adam (Liu and others, "Muon is scalable for LLM training", 2025), so one learning rate serves both.
"""

import dataclasses
import math

import tensorflow as tf
from official.modeling import optimization
from official.modeling.optimization import optimizer_factory
from official.modeling.optimization.configs.optimizer_config import BaseOptimizerConfig

KERNEL_RANK = 4
"""Of a convolution's kernel: height, width, inputs, outputs."""

ADAM_UPDATE_SIZE = 0.2
"""Root mean square of Adam's update, as a share of the learning rate, found typical by Liu and others."""

_ITERATIONS = 5
_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_EPSILON = 1e-7


@tf.function(autograph=False)  # traced once a shape, not once a kernel
def orthogonalised(matrix: tf.Tensor) -> tf.Tensor:
    """Approximates the nearest orthogonal matrix by a quintic Newton-Schulz iteration.

    Args:
      matrix: float32 [M, N]. Computed in bfloat16 if the network is.

    Returns:
      float32 [M, N] with singular values between about 0.7 and 1.2; zeros stay zeros.
    """
    tall = matrix.shape[0] > matrix.shape[1]
    bfloat16 = tf.keras.mixed_precision.global_policy().compute_dtype == "bfloat16"
    x = tf.transpose(matrix) if tall else matrix
    x = tf.cast(x / (tf.norm(x) + _EPSILON), tf.bfloat16 if bfloat16 else tf.float32)
    a, b, c = _COEFFICIENTS
    for _ in range(_ITERATIONS):
        gram = tf.matmul(x, x, transpose_b=True)
        x = a * x + tf.matmul(b * gram + c * tf.matmul(gram, gram), x)
    x = tf.cast(x, tf.float32)
    return tf.transpose(x) if tall else x


class Muon(tf.keras.optimizers.Optimizer):
    """Muon for the kernels of convolutions, Adam for everything else.

    Args:
      learning_rate: number or schedule.
      momentum: of the kernels' gradients, with a step of look-ahead (Nesterov).
      beta_1, beta_2, epsilon: of Adam.
      name: of the optimizer.
      **options: of every Keras optimizer.
    """

    def __init__(
        self,
        learning_rate: float | tf.keras.optimizers.schedules.LearningRateSchedule = 1e-3,
        momentum: float = 0.95,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        epsilon: float = 1e-7,
        name: str = "Muon",
        **options,
    ) -> None:
        super().__init__(name=name, jit_compile=False, **options)
        self._learning_rate = self._build_learning_rate(learning_rate)
        self.momentum, self.beta_1, self.beta_2, self.epsilon = momentum, beta_1, beta_2, epsilon

    def build(self, var_list: list[tf.Variable]) -> None:
        super().build(var_list)
        if getattr(self, "_momentums", None):
            return
        self._momentums = [self.add_variable_from_reference(variable, "momentum") for variable in var_list]
        self._squares = {
            self._var_key(variable): self.add_variable_from_reference(variable, "square")
            for variable in var_list
            if len(variable.shape) != KERNEL_RANK
        }

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable) -> None:
        """Changes one variable; called by Keras with the gradient of all replicas."""
        rate = tf.cast(self.learning_rate, variable.dtype)
        key = self._var_key(variable)
        momentum = self._momentums[self._index_dict[key]]
        if len(variable.shape) == KERNEL_RANK:
            momentum.assign(self.momentum * momentum + (1 - self.momentum) * gradient)
            ahead = self.momentum * momentum + (1 - self.momentum) * gradient
            matrix = tf.reshape(ahead, (math.prod(variable.shape[:-1]), variable.shape[-1]))
            size = ADAM_UPDATE_SIZE * math.sqrt(max(matrix.shape))
            variable.assign_sub(rate * size * tf.reshape(orthogonalised(matrix), variable.shape))
            return
        square, step = self._squares[key], tf.cast(self.iterations + 1, variable.dtype)
        momentum.assign(self.beta_1 * momentum + (1 - self.beta_1) * gradient)
        square.assign(self.beta_2 * square + (1 - self.beta_2) * tf.square(gradient))
        rate = rate * tf.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        variable.assign_sub(rate * momentum / (tf.sqrt(square) + self.epsilon))

    def get_config(self) -> dict:
        config = super().get_config()
        names = ("momentum", "beta_1", "beta_2", "epsilon")
        config["learning_rate"] = self._serialize_hyperparameter(self._learning_rate)
        return config | {name: getattr(self, name) for name in names}


@dataclasses.dataclass
class MuonConfig(BaseOptimizerConfig):
    """Arguments of `Muon`, for tf-models' optimizer factory."""

    name: str = "Muon"
    momentum: float = 0.95
    beta_2: float = 0.99


@dataclasses.dataclass
class OptimizerConfig(optimization.OptimizerConfig):
    """tf-models' choice of optimizers, and `Muon`."""

    muon: MuonConfig = dataclasses.field(default_factory=MuonConfig)


@dataclasses.dataclass
class OptimizationConfig(optimization.OptimizationConfig):
    """tf-models' optimizer, schedule and warm-up, with `Muon` among the optimizers."""

    optimizer: OptimizerConfig = dataclasses.field(default_factory=OptimizerConfig)


if "muon" not in optimizer_factory.LEGACY_OPTIMIZERS_CLS:
    optimizer_factory.register_optimizer_cls("muon", Muon)
