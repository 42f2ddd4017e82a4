"""Importing and configuring TensorFlow, in one place and in the right order."""

import contextlib
import gc
import logging
import os
import warnings
from collections.abc import Iterator

from engine.config import Config


def prepare_environment() -> None:
    """Sets the variables that TensorFlow reads during its import: Keras 2 on both stacks, no C++ log on the console."""
    os.environ["TF_USE_LEGACY_KERAS"] = "1"  # tf-models and SignVer are Keras 2
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore", category=FutureWarning, module="google.api_core")


@contextlib.contextmanager
def _frozen_afterwards() -> Iterator[None]:
    """Keeps the garbage collector away from an import's objects: a fifth of TensorFlow's import is its search."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # what an import makes lasts as long as the process
        gc.enable()


def configure_tensorflow(config: Config) -> None:
    """Imports TensorFlow and applies seed, determinism, threads and number format, before any tensor is made."""
    prepare_environment()
    with _frozen_afterwards():
        import tensorflow as tf
    from absl import logging as absl_logging

    absl_logging.use_absl_handler()
    absl_logging.set_verbosity(absl_logging.INFO)  # otherwise it limits the root logger to warnings
    logging.getLogger("absl").propagate = True  # tf-models and Orbit log through absl, for train.log
    absl_logging.get_absl_handler().setLevel(logging.FATAL)
    logging.getLogger().removeHandler(absl_logging.get_absl_handler())
    for handler in list(tf.get_logger().handlers):  # TensorFlow's own messages belong there too
        tf.get_logger().removeHandler(handler)
    tf.get_logger().propagate = True
    if not logging.getLogger().handlers:
        logging.getLogger().addHandler(logging.NullHandler())

    if config.hardware.threads:
        tf.config.threading.set_intra_op_parallelism_threads(config.hardware.threads)
    tf.keras.utils.set_random_seed(config.seed)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()
    tf.keras.mixed_precision.set_global_policy(
        "mixed_bfloat16" if config.hardware.compute_dtype == "bfloat16" else "float32"
    )
