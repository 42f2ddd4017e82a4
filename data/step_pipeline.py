"""An endless `tf.data` pipeline of training batches, each made from nothing but the number of its step."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf


def step_pipeline(
    make_batch: Callable[[tf.Tensor], Any], first_step: int, parallel_calls: int | None
) -> tf.data.Dataset:
    """The batches of `first_step`, the step after it, and so on.

    Args:
      make_batch: int64 [], the step -> its batch, in TensorFlow's operations.
      first_step: where to begin; a resumed run begins where it ended.
      parallel_calls: batches made at once; None lets tf.data choose.

    Returns:
      Dataset of what `make_batch` returns, two batches ahead of their use.
    """
    steps = tf.data.Dataset.range(first_step, np.iinfo(np.int64).max)
    in_graph = tf.autograph.experimental.do_not_convert(make_batch)  # to convert it takes longer than to trace it
    batches = steps.map(in_graph, parallel_calls or tf.data.AUTOTUNE, deterministic=True)
    options = tf.data.Options()
    # With nothing to tune, the tuning thread is asleep when a rank ends, which waits for it, up to ten seconds.
    options.autotune.enabled = parallel_calls is None
    return batches.prefetch(2).with_options(options)
