"""tf-models' trainer and runner with three changes: control returns after every step, AutoGraph rewrites no code, and
ranks can resume."""

from collections.abc import Callable, Sequence
from typing import Any

import orbit
import tensorflow as tf
from official.core import base_trainer, train_lib


def create_variables(optimizer: Any, variables: Sequence[tf.Variable]) -> None:
    """Creates the variables of an optimizer; if the first step did, TensorFlow would trace it twice.

    Args:
      optimizer: of Keras, or one of its legacy ones, which tf-models makes of `adam` and `sgd`.
      variables: that it changes.
    """
    create = optimizer.build if hasattr(optimizer, "build") else optimizer._create_all_weights
    create(variables)


class StepwiseTrainer(base_trainer.Trainer):
    """tf-models' trainer, except that control returns after every step, and that it begins sooner.

    The stock trainer runs `steps_per_loop` steps inside one graph: a signal would wait for them, minutes on a slow
    network. A step called from Python costs a fraction of a millisecond more. It also lets AutoGraph rewrite all code
    of a step, which has no loops or branches over tensors.

    Attributes:
      on_step: called after every step.
    """

    on_step: Callable[[], None] = staticmethod(lambda: None)

    def create_train_loop_fn(self) -> Callable[[Any, tf.Tensor], None]:
        """The inner loop of Orbit's `StandardTrainer`."""
        steps: dict[int, Callable[[], None]] = {}

        def loop(iterator: Any, num_steps: tf.Tensor) -> None:
            if id(iterator) not in steps:  # captured: as an argument it would cost a millisecond a call
                steps[id(iterator)] = tf.function(lambda: self.train_step(iterator), autograph=False)
            step = steps[id(iterator)]
            for _ in range(int(num_steps)):
                step()
                self.on_step()

        return loop

    def create_eval_loop_fn(self, has_state: bool) -> Callable[..., Any]:
        """The inner loop of Orbit's `StandardEvaluator`, which keeps the state of an evaluation in Python."""
        return orbit.utils.create_loop_fn(tf.function(self.eval_step, autograph=False))


class ExperimentRunner(train_lib.OrbitExperimentRunner):
    """tf-models' runner, except that every rank keeps its checkpoints in `model_dir`.

    The stock runner gives ranks other than the first a new folder, from which they could not resume.
    """

    def _maybe_build_checkpoint_manager(self) -> tf.train.CheckpointManager:
        return tf.train.CheckpointManager(
            self.trainer.checkpoint,
            directory=self.model_dir,
            max_to_keep=self.params.trainer.max_to_keep,
            step_counter=self.trainer.global_step,
            checkpoint_interval=self.params.trainer.checkpoint_interval,
            init_fn=self.trainer.initialize,
        )
