"""An endless `tf.data` pipeline of training batches, each a function of its step."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf


def step_pipeline(
    make_batch: Callable[[tf.Tensor], Any], first_step: int, parallel_calls: int | None
) -> tf.data.Dataset:
    """The batches of `first_step` and all following steps.

    Args:
      make_batch: int64 [], the step -> its batch, in TensorFlow's operations.
      first_step: the first step; a resumed run begins at its last one.
      parallel_calls: batches made at once; None lets tf.data choose.

    Returns:
      Dataset of what `make_batch` returns; prefetches two batches.
    """
    steps = tf.data.Dataset.range(first_step, np.iinfo(np.int64).max)
    in_graph = tf.autograph.experimental.do_not_convert(make_batch)  # conversion takes longer than tracing
    batches = steps.map(in_graph, parallel_calls or tf.data.AUTOTUNE, deterministic=True)
    options = tf.data.Options()
    # A rank that ends waits up to ten seconds for the tuning thread if it is asleep, so it runs only if it is needed.
    options.autotune.enabled = parallel_calls is None
    return batches.prefetch(2).with_options(options)
