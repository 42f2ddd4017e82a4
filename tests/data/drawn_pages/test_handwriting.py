import numpy as np
import pytest

from data.drawn_pages import handwriting
from data.signatures.cursive_names import plan_writing

SCALE = 2.0


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_signatures_have_the_width_they_are_given():
    sizes = np.array([handwriting.signature(rng(i), 130, SCALE).shape for i in range(20)])
    assert (np.abs(sizes[:, 1] - 260) < 40).all()
    assert (sizes[:, 0] < sizes[:, 1]).mean() > 0.8


def test_signatures_keep_below_a_height():
    sizes = np.array([handwriting.signature(rng(i), 200, SCALE, 20).shape for i in range(20)])
    assert (sizes[:, 0] <= 2 * 20 + 8).all()
    assert np.median(sizes[:, 1] / sizes[:, 0]) > 4  # wide and flat, as on the lines of forms


def test_initials_fill_their_box():
    for i in range(20):
        rows, columns = handwriting.initials(rng(i), 40, 36, SCALE).shape
        assert 25 < columns < 95
        assert 40 < rows < 90


def test_dates_are_wide():
    sizes = np.array([handwriting.date(rng(i), 70, SCALE).shape for i in range(30)])
    assert 1.8 < np.median(sizes[:, 1] / sizes[:, 0]) < 5.5
    assert (sizes[:, 1] <= 2 * 70 + 10).all()


def test_ink_is_cut_out_and_dark():
    for i in range(10):
        ink = handwriting.note(rng(i), "please return 1945", 6, SCALE)
        assert ink.dtype == np.uint8
        assert ink.max() > 150
        rows, columns = np.nonzero(ink >= handwriting.INK)
        assert rows.min() <= 1
        assert columns.min() <= 1
        assert rows.max() >= ink.shape[0] - 2
        assert columns.max() >= ink.shape[1] - 2


def test_nothing_to_write_is_refused():
    with pytest.raises(ValueError, match="nothing to write"):
        handwriting.written(rng(0), "??", SCALE, width=100)


def test_words_are_written_from_left_to_right():
    parts = plan_writing("ab 12/31", rng(1))
    assert len(parts) >= 6
    words = [part[:, 0].mean() for part in parts]
    assert words[-1] > words[0]


def test_figures_are_as_high_as_small_capitals():
    for digit in "0123456789":
        points = np.concatenate(plan_writing(digit, rng(2)))
        assert 1.2 < np.ptp(points[:, 1]) < 2.2


def test_paper_around_a_signature_stays_white():
    clean = [(handwriting.signature(rng(i), 130, SCALE) < 10).mean() for i in range(20)]
    assert min(clean) > 0.3
    assert np.median(clean) > 0.7
