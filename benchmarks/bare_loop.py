"""A minimal training loop: a `tf.function` called from a Python loop, without trainer, Orbit or the engine."""

import tensorflow as tf

from engine.config import Config
from engine.training.experiment import experiment_config
from models.task import Data


class BareLoop:
    """Trains the network of a config with the batches, loss and optimizer that the engine uses.

    Args:
      config: accepted; its dtype policy must be set already.
      data: the dataset.
    """

    def __init__(self, config: Config, data: Data) -> None:
        training = config.task.training(config.dataset, config.model)
        params = experiment_config(config, training.task_config())
        task = training.build_task(params, data, seed=config.seed, first_step=0)
        network = task.build_model()
        optimizer = task.create_optimizer(params.trainer.optimizer_config, params.runtime)
        self.batch_size = params.task.train_data.global_batch_size
        self._loss = task.loss
        batches = iter(task.build_inputs(params.task.train_data))
        self._step = tf.function(lambda: task.train_step(next(batches), network, optimizer))

    def run(self, steps: int) -> float:
        """Trains for a number of steps; returns the last loss."""
        for _ in range(steps):
            logs = self._step()
        return float(logs[self._loss])
