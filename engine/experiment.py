"""The one place where the project's config becomes tf-models': task, experiment config, strategy."""

from collections.abc import Callable

import tensorflow as tf
from official.core import base_task, config_definitions
from omegaconf import DictConfig

from data.config import MODEL_SIZE
from data.pair_pools import PairPools
from models.autoencoder import build_autoencoder
from models.cleaner_task import CleanerTask
from models.muon import OptimizationConfig
from models.unet import build_unet


def network_builder(config: DictConfig) -> Callable[[], tf.keras.Model]:
    """The function that makes the configured network."""
    model = config.model
    if model.name == "autoencoder":
        return lambda: build_autoencoder(list(model.filters), model.dropout)
    return lambda: build_unet(list(model.filters), model.block_size, model.convolutions)


def build_task(
    config: DictConfig, params: config_definitions.ExperimentConfig, pools: PairPools, first_step: int
) -> base_task.Task:
    """The tf-models task of a run.

    Args:
      config: the composed config.
      params: from `experiment_config`.
      pools: the dataset.
      first_step: where training goes on.
    """
    return CleanerTask(
        params.task,
        network_builder(config),
        pools,
        seed=config.seed,
        first_step=first_step,
        ink_weight=config.model.get("ink_weight", 1.0),
        window=config.model.get("window", MODEL_SIZE),
    )


def build_strategy(config: DictConfig) -> tf.distribute.Strategy:
    """Where the run runs. With several ranks: TF_CONFIG is to be set, and nothing computed yet."""
    if config.hardware.processes > 1:
        return tf.distribute.MultiWorkerMirroredStrategy()
    return tf.distribute.OneDeviceStrategy("/cpu:0")


def experiment_config(config: DictConfig) -> config_definitions.ExperimentConfig:
    """tf-models' config of a run; batch and learning rate scale with the processes (Goyal et al. 2017)."""
    processes = config.hardware.processes
    batch_size = config.model.batch_size * processes
    trainer = config.trainer
    return config_definitions.ExperimentConfig(
        task=config_definitions.TaskConfig(
            name=config.task.name,
            train_data=config_definitions.DataConfig(global_batch_size=batch_size, is_training=True),
            validation_data=config_definitions.DataConfig(global_batch_size=batch_size, is_training=False),
        ),
        trainer=config_definitions.TrainerConfig(
            optimizer_config=_optimisation(config, config.model.learning_rate * processes),
            train_steps=trainer.train_steps,
            steps_per_loop=trainer.steps_per_loop,
            summary_interval=trainer.steps_per_loop,
            checkpoint_interval=2 * trainer.train_steps,  # never: engine.training_loop saves
            validation_interval=trainer.validation_interval,
            max_to_keep=trainer.max_to_keep,
            train_tf_while_loop=False,
            recovery_max_trials=-1,  # a loss that is not a number stops the run in engine.training_loop
            preemption_on_demand_checkpoint=False,
        ),
    )


def _optimisation(config: DictConfig, learning_rate: float) -> OptimizationConfig:
    model = config.model
    if model.schedule == "cosine":
        cosine = {"initial_learning_rate": learning_rate, "decay_steps": config.trainer.train_steps}
        schedule = {"type": "cosine", "cosine": cosine}
    else:
        schedule = {"type": "constant", "constant": {"learning_rate": learning_rate}}
    optimizers = {"type": model.optimizer, "adam": {"epsilon": 1e-7}}
    settings = {"optimizer": optimizers, "learning_rate": schedule}
    if warmup_steps := round(model.warmup * config.trainer.train_steps):
        warmup = {"warmup_steps": warmup_steps, "warmup_learning_rate": 0.0}
        settings["warmup"] = {"type": "linear", "linear": warmup}
    return OptimizationConfig(settings)
