"""The least that trains a network: a `tf.function` called from a Python loop, without trainer, Orbit or the engine."""

import tensorflow as tf
from omegaconf import DictConfig

from data.pair_pools import PairPools
from engine.experiment import build_task, experiment_config


class BareLoop:
    """Trains the network of a config on the batches, loss and optimizer that the engine would take.

    Args:
      config: composed; the dtype policy must be in force already.
      pools: the dataset.
    """

    def __init__(self, config: DictConfig, pools: PairPools) -> None:
        params = experiment_config(config)
        task = build_task(config, params, pools, first_step=0)
        network = task.build_model()
        optimizer = task.create_optimizer(params.trainer.optimizer_config, params.runtime)
        variables, channels = network.trainable_variables, network.input_shape[-1]
        self.batch_size = params.task.train_data.global_batch_size
        self._batches = iter(task.build_inputs(params.task.train_data))

        @tf.function
        def step(noisy: tf.Tensor, clean: tf.Tensor) -> tf.Tensor:
            noisy, clean = (tf.repeat(tf.cast(image, tf.float32), channels, axis=-1) for image in (noisy, clean))
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(task.build_losses(clean, network(noisy, training=True)))
            optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
            return loss

        self._step = step

    def run(self, steps: int) -> float:
        """Trains some steps; returns the last loss."""
        for _ in range(steps):
            batch = next(self._batches)
            loss = self._step(batch["noisy"], batch["clean"])
        return float(loss)
