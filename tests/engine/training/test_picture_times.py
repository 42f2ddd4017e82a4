"""Which evaluations write pictures for TensorBoard."""

import itertools

import pytest

from engine.training.picture_times import is_pictured, MAX_TIMES


@pytest.mark.parametrize(
    ("interval", "total"), [(1, 1), (10, 300), (10, 301), (7, 1000), (1, 100_000), (500, 9000), (50, 20)]
)
def test_few_of_many_and_all_of_few_up_to_the_last(interval: int, total: int):
    steps = [*range(interval, total, interval), total]
    pictured = [step for step in steps if is_pictured(step, interval, total)]
    assert len(pictured) == min(len(steps), MAX_TIMES)
    assert pictured[-1] == total
    gaps = [after - before for before, after in itertools.pairwise(pictured[:-1])]
    assert not gaps or max(gaps) - min(gaps) <= interval
