"""The paper behind a crop, and its ink on white or on nothing."""

import numpy as np
import pytest

from data.paper import _light_greys, cut_out, Cutout, paper_of


@pytest.mark.parametrize(("height", "width"), [(24, 24), (57, 131), (300, 75), (200, 1500)])
def test_the_light_greys_of_cells_are_numpys_percentiles(height: int, width: int):
    rng = np.random.default_rng(height)
    picture = rng.integers(0, 256, (height, width), dtype=np.uint8)
    rows, columns = max(1, round(height / 24)), max(1, round(width / 31))
    cells = [np.array_split(band, columns, axis=1) for band in np.array_split(picture, rows)]
    expected = [[np.percentile(cell, 80) for cell in band] for band in cells]
    np.testing.assert_allclose(_light_greys(picture, rows, columns), expected, rtol=1e-6)


def test_each_colour_has_its_own_paper():
    picture = np.broadcast_to(np.array([200, 150, 100], np.uint8), (80, 100, 3)).copy()
    picture[30:33, 20:80] = (0, 0, 120)
    np.testing.assert_allclose(paper_of(picture)[0, 0], [200, 150, 100])
    np.testing.assert_allclose(paper_of(picture)[31, 50], [200, 150, 100])


def test_both_pictures_of_a_cutout_are_those_of_cut_out():
    rng = np.random.default_rng(0)
    picture = rng.integers(190, 230, (60, 90), dtype=np.uint8)
    picture[20:24, 10:70] = 40
    keep = picture < 100
    cutout = Cutout(picture, keep)
    np.testing.assert_array_equal(cutout.on_white(), cut_out(picture, keep))
    np.testing.assert_array_equal(cutout.transparent(), cut_out(picture, keep, transparent=True))
    assert (cutout.on_white()[:10] == 255).all()
    assert (cutout.transparent()[:10, :, 3] == 0).all()
    assert (cutout.transparent()[21:23, 20:60, 3] > 200).all()
