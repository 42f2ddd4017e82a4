"""The conversion of the project's config to tf-models': the whole schedule of the learning rate."""

import pytest
import tensorflow as tf
from composing import accepted
from official.core import config_definitions
from official.modeling import optimization
from omegaconf import DictConfig

from engine.training.experiment import experiment_config


def experiment(config: DictConfig) -> config_definitions.ExperimentConfig:
    return experiment_config(config, config.model.task_config())


def rates(config: DictConfig, *steps: int) -> list[float]:
    course = optimization.OptimizerFactory(experiment(config).trainer.optimizer_config).build_learning_rate()
    return [float(course(tf.constant(step, tf.int64))) for step in steps]


@pytest.mark.parametrize(("hardware", "processes"), [("cpu", 1), ("cpu2", 2), ("hpu8", 8)])
def test_the_references_recipe_scales_with_the_processes(hardware: str, processes: int):
    config = accepted("task=detector", "model=retinanet", f"hardware={hardware}")
    params = experiment(config)
    assert params.task.train_data.global_batch_size == params.task.validation_data.global_batch_size == 8 * processes
    settings = params.trainer.optimizer_config
    assert params.trainer.train_steps == 33_264
    assert settings.optimizer.type == "sgd"
    assert settings.optimizer.sgd.momentum == 0.9
    assert settings.learning_rate.stepwise.boundaries == [26_334, 30_954]
    rate = 0.01 * processes
    assert settings.learning_rate.stepwise.values == pytest.approx([rate, rate / 10, rate / 100])
    assert settings.warmup.linear.warmup_steps == 500
    assert settings.warmup.linear.warmup_learning_rate == 0.0067
    half = (0.0067 + rate) / 2
    expected = [0.0067, half, rate, rate, rate / 10, rate / 10, rate / 100]
    assert rates(config, 0, 250, 500, 26_333, 26_335, 30_953, 30_955) == pytest.approx(expected, rel=1e-3)


def test_warmup_never_starts_above_the_rate_it_rises_to():
    config = accepted("task=detector", "model=retinanet", "model.learning_rate=0.001")
    assert max(rates(config, 0, 100, 500, 1000)) == pytest.approx(0.001)


def test_drops_and_warmup_are_shares_of_the_training():
    config = accepted("task=detector", "model=retinanet", "trainer.train_steps=1000", "model.warmup=0.1")
    assert experiment(config).trainer.optimizer_config.learning_rate.stepwise.boundaries == [792, 931]
    assert rates(config, 100, 791, 793, 932) == pytest.approx([0.01, 0.01, 0.001, 0.0001])


def test_cosine_ends_at_zero():
    config = accepted("task=detector", "trainer.train_steps=1000")
    start, full, end = rates(config, 0, 50, 1000)
    assert start == 0
    assert full == pytest.approx(config.model.learning_rate, rel=0.01)
    assert end == pytest.approx(0, abs=1e-9)
