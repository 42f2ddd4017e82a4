"""Importing and configuring TensorFlow, in one place and in the right order."""

import logging
import os
import warnings
from pathlib import Path

from omegaconf import DictConfig


def prepare_environment() -> None:
    """Sets what TensorFlow reads while it is imported: Keras 2 on both stacks, no C++ log on the console."""
    os.environ["TF_USE_LEGACY_KERAS"] = "1"  # tf-models and SignVer are Keras 2
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore", category=FutureWarning, module="google.api_core")


def configure_tensorflow(config: DictConfig) -> None:
    """Imports TensorFlow and applies seed, determinism, threads and number format, before any tensor is made."""
    prepare_environment()
    import tensorflow as tf
    from absl import logging as absl_logging

    absl_logging.use_absl_handler()
    absl_logging.set_verbosity(absl_logging.INFO)  # it would set the root logger to warnings alone
    logging.getLogger("absl").propagate = True  # tf-models and Orbit speak through absl: into train.log with it
    absl_logging.get_absl_handler().setLevel(logging.FATAL)
    logging.getLogger().removeHandler(absl_logging.get_absl_handler())
    for handler in list(tf.get_logger().handlers):  # TensorFlow's own words too belong there, or nowhere
        tf.get_logger().removeHandler(handler)
    tf.get_logger().propagate = True
    if not logging.getLogger().handlers:
        logging.getLogger().addHandler(logging.NullHandler())

    if config.hardware.threads:
        tf.config.threading.set_intra_op_parallelism_threads(config.hardware.threads)
    tf.keras.utils.set_random_seed(config.seed)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()
    tf.keras.mixed_precision.set_global_policy("mixed_bfloat16" if compute_dtype(config) == "bfloat16" else "float32")


def compute_dtype(config: DictConfig) -> str:
    """`hardware.dtype` with `auto` decided: bfloat16 on cards, and where the processor multiplies in it."""
    if config.hardware.dtype != "auto":
        return config.hardware.dtype
    if config.hardware.devices:
        return "bfloat16"
    return "bfloat16" if _processor_flags() & {"avx512_bf16", "amx_bf16"} else "float32"


def _processor_flags() -> set[str]:
    try:
        line = next(line for line in Path("/proc/cpuinfo").read_bytes().splitlines() if line.startswith(b"flags"))
    except (OSError, StopIteration):
        return set()
    return set(line.decode().partition(":")[2].split())
