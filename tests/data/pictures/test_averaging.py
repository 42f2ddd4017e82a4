"""Means of blocks."""

import numpy as np
import pytest

from data.pictures.averaging import block_means


@pytest.mark.parametrize(("height", "width", "side"), [(30, 20, 2), (31, 23, 3), (64, 64, 1), (9, 50, 9)])
def test_each_pixel_is_the_mean_of_its_block(height: int, width: int, side: int):
    picture = np.random.default_rng(height).integers(0, 255, (height, width), dtype=np.uint8)
    rows, columns = height // side, width // side
    blocks = picture[: rows * side, : columns * side].reshape(rows, side, columns, side)
    found = block_means(picture, side)
    assert found.dtype == np.uint8
    np.testing.assert_allclose(found, blocks.mean(axis=(1, 3)), atol=0.5001)
