"""Converts the project's config to tf-models'."""

from official.core import config_definitions

from engine.config import Config
from models.muon import OptimizationConfig


def experiment_config(config: Config, task: config_definitions.TaskConfig) -> config_definitions.ExperimentConfig:
    """tf-models' config of a run; batch and learning rate scale with the processes (Goyal et al. 2017).

    Args:
      config: accepted.
      task: of the task; its batch sizes are set here.
    """
    processes = config.hardware.processes
    for split in (task.train_data, task.validation_data):
        split.global_batch_size = config.model.batch_size * processes
    trainer = config.trainer
    return config_definitions.ExperimentConfig(
        task=task,
        trainer=config_definitions.TrainerConfig(
            optimizer_config=_optimisation(config, config.model.learning_rate * processes),
            train_steps=trainer.train_steps,
            steps_per_loop=trainer.steps_per_loop,
            summary_interval=trainer.steps_per_loop,
            checkpoint_interval=2 * trainer.train_steps,  # never: engine.training.loop saves
            validation_interval=trainer.validation_interval,
            max_to_keep=trainer.max_to_keep,
            train_tf_while_loop=False,
            recovery_max_trials=-1,  # a loss that is not a number stops the run in engine.training.loop
            preemption_on_demand_checkpoint=False,
        ),
    )


def _optimisation(config: Config, learning_rate: float) -> OptimizationConfig:
    model, steps = config.model, config.trainer.train_steps
    if model.schedule == "cosine":
        schedule = {"type": "cosine", "cosine": {"initial_learning_rate": learning_rate, "decay_steps": steps}}
    elif model.schedule == "stepwise":
        values = [learning_rate * model.drop_factor**count for count in range(len(model.drops) + 1)]
        boundaries = [max(1, round(share * steps)) for share in model.drops]
        schedule = {"type": "stepwise", "stepwise": {"boundaries": boundaries, "values": values}}
    else:
        schedule = {"type": "constant", "constant": {"learning_rate": learning_rate}}
    optimizers = {"type": model.optimizer, "adam": {"epsilon": 1e-7}, "sgd": {"momentum": 0.9}}
    settings = {"optimizer": optimizers, "learning_rate": schedule}
    if warmup_steps := round(model.warmup * steps):
        start = min(model.warmup_learning_rate, learning_rate)
        settings["warmup"] = {"type": "linear", "linear": {"warmup_steps": warmup_steps, "warmup_learning_rate": start}}
    return OptimizationConfig(settings)
