"""Shares of a mixture are exact over a block, even within it, and a pure function of the position."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from data.mixing import Mixing


@settings(max_examples=50, deadline=None)
@given(strategies.lists(strategies.floats(0.01, 10.0) | strategies.just(0.0), min_size=1, max_size=6))
def test_each_part_has_its_share_and_shows_its_examples_in_order(weights: list[float]):
    if not any(weights):
        weights[0] = 1.0
    mixing = Mixing.of(weights)
    wanted = np.array(weights) / sum(weights)
    assert abs(mixing.shares - wanted).max() <= 0.001 * len(weights)
    assert all((share > 0) == (weight > 0) for share, weight in zip(mixing.shares, weights, strict=True))
    seen: Counter[int] = Counter()
    for position in range(2 * len(mixing.part) + 17):
        part, number = mixing.at(position)
        assert number == seen[part]
        seen[part] += 1


def test_even_a_small_batch_has_close_to_the_shares():
    mixing = Mixing.of([2, 1, 1])
    for first in range(0, 800, 8):
        parts = Counter(mixing.at(position)[0] for position in range(first, first + 8))
        assert abs(parts[0] - 4) <= 1
        assert abs(parts[1] - 2) <= 1


@pytest.mark.parametrize("weights", [[5], [0, 3, 0]])
def test_a_part_that_is_alone_has_every_position(weights: list[float]):
    assert [Mixing.of(weights).at(position)[1] for position in (0, 1, 999, 123_456)] == [0, 1, 999, 123_456]
