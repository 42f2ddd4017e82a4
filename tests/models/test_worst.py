"""The worst examples of an evaluation."""

import numpy as np
import pytest

from models.worst import WorstExamples


@pytest.mark.parametrize("count", [0, 1, 3, 10])
def test_those_of_the_lowest_quality_are_kept_in_their_order(count: int):
    qualities = [0.5, 0.1, 0.9, 0.1, 0.0, 1.0, 0.4]
    worst, drawn = WorstExamples(count), []
    for number, quality in enumerate(qualities):
        worst.offer(quality, str(number), lambda number=number: drawn.append(number) or np.full(1, number))
    in_order = sorted(range(len(qualities)), key=lambda number: (qualities[number], number))[:count]
    assert [example.name for example in worst.ranked()] == [str(number) for number in in_order]
    assert [int(example.picture[0]) for example in worst.ranked()] == in_order
    assert count != 1 or drawn == [0, 1, 4]  # only what is among the worst so far
