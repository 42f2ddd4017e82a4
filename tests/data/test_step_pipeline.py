"""Batches as a function of their step."""

import itertools

import pytest

from data.step_pipeline import step_pipeline


@pytest.mark.parametrize("parallel_calls", [None, 1, 3])
def test_steps_come_in_their_order_from_the_first_one_on(parallel_calls: int | None):
    batches = step_pipeline(lambda step: step * 2, 5, parallel_calls).as_numpy_iterator()
    assert list(itertools.islice(batches, 20)) == [2 * step for step in range(5, 25)]


def test_tf_data_tunes_only_what_it_may_choose():
    assert step_pipeline(lambda step: step, 0, None).options().autotune.enabled
    assert not step_pipeline(lambda step: step, 0, 1).options().autotune.enabled
