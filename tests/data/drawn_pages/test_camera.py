"""Photographs of sheets: boxes follow the ink through the projection."""

import cv2
import numpy as np
import pytest

from data.drawn_pages.camera import photograph
from data.drawn_pages.sheet import Sheet, SIGNATURE


def test_boxes_follow_the_ink_through_the_projection():
    ink = cv2.ellipse(np.zeros((81, 261), np.uint8), (130, 40), (130, 40), 0, 0, 360, 255, -1)
    for seed in range(20):
        sheet = Sheet(306, 396, 2.0)
        sheet.mark(SIGNATURE, ink, 150, 260)
        pixels, boxes, labels = photograph(sheet, np.random.default_rng(seed), 0.0)
        assert labels.tolist() == [SIGNATURE]
        assert pixels.shape == (792, 612)
        assert pixels.dtype == np.uint8
        y0, x0, y1, x1 = np.round(boxes[0] * np.tile(pixels.shape, 2)).astype(int)
        middle = pixels[(y0 + y1) // 2 - 10 : (y0 + y1) // 2 + 10, (x0 + x1) // 2 - 60 : (x0 + x1) // 2 + 60]
        above = pixels[y0 - 40 : y0 - 10, x0 + 30 : x1 - 30]  # the same light, on paper
        assert middle.mean() < above.mean() - 40
        dark = pixels[y0 - 8 : y1 + 9, x0 - 8 : x1 + 9] < (float(middle.mean()) + float(above.mean())) / 2
        rows, columns = np.flatnonzero(dark.sum(axis=1) > 3), np.flatnonzero(dark.sum(axis=0) > 3)
        reach = (rows[0], columns[0], dark.shape[0] - 1 - rows[-1], dark.shape[1] - 1 - columns[-1])
        assert reach == pytest.approx((8, 8, 8, 8), abs=3), seed


def test_the_same_numbers_give_the_same_photograph():
    def taken(seed: int) -> np.ndarray:
        return photograph(Sheet(306, 396, 1.5), np.random.default_rng(seed), 0.0)[0]

    np.testing.assert_array_equal(taken(3), taken(3))
    assert (taken(3) != taken(4)).any()
