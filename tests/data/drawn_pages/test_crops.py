"""Crops of drawn pages, and the ink of their signatures."""

import numpy as np
import pytest

from data.drawn_pages.crops import Crop, draw_crops


@pytest.fixture(scope="module")
def crops() -> list[Crop]:
    return [crop for page in range(12) for several in draw_crops(3, page, 2) for crop in several]


def test_the_signatures_ink_is_part_of_the_ink(crops: list[Crop]):
    assert len(crops) >= 20
    for crop in crops:
        assert crop.ink.shape == crop.signed.shape
        assert crop.ink.dtype == crop.signed.dtype == bool
        assert min(crop.ink.shape) >= 10
        assert not (crop.signed & ~crop.ink).any()


def test_most_crops_show_a_signature_and_something_else(crops: list[Crop]):
    signed = np.array([crop.signed.mean() > 0.01 for crop in crops])
    others = np.array([(crop.ink & ~crop.signed).mean() > 0.003 for crop in crops])
    assert signed.mean() > 0.7
    assert others.mean() > 0.7


def test_crops_of_one_signature_differ_and_depend_on_the_numbers_alone():
    first, again, other = draw_crops(3, 1, 2), draw_crops(3, 1, 2), draw_crops(4, 1, 2)
    assert [crop.ink.shape for several in first for crop in several] == [c.ink.shape for s in again for c in s]
    for one, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(one[0].ink, same[0].ink)
        np.testing.assert_array_equal(one[1].signed, same[1].signed)
    variants = first[0]
    assert variants[0].ink.shape != variants[1].ink.shape or (variants[0].ink != variants[1].ink).any()
    assert not other or other[0][0].ink.shape != first[0][0].ink.shape
