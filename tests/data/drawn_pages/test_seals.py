"""Seals lie inside their circle, and have the same ink each time."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from data.drawn_pages import seals
from data.drawn_pages.sheet import Sheet


@pytest.mark.parametrize("seal", [seals.round_stamp, seals.foil_seal])
def test_a_seal_has_ink_inside_its_circle_alone(seal: Callable[..., None]):
    for seed in range(12):
        sheets = [Sheet(200, 200, 2.0) for _ in range(2)]
        for sheet in sheets:
            seal(sheet, np.random.default_rng(seed), 100, 100, 40)
        np.testing.assert_array_equal(sheets[0].ink, sheets[1].ink)
        circle = cv2.circle(np.zeros_like(sheets[0].ink), (200, 200), 84, 255, -1) > 0
        assert not sheets[0].ink[~circle].any()
        assert 0.05 < (sheets[0].ink[circle] > 60).mean() < 0.95
        assert not sheets[0].marks
