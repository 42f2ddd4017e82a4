"""Objects that are pasted onto other pages: their boxes enclose their ink, and nothing is covered."""

import numpy as np
import pytest
from small_pages import marked_page, page_set

from data.pages.pasting import paste, with_pasted

SEEDS = range(40)
HOST = (300, 240)


def ink_box(image: np.ndarray) -> np.ndarray:
    rows, columns = (np.flatnonzero((image < 128).any(axis=axis)) for axis in (1, 0))
    return np.array([rows[0], columns[0], rows[-1] + 1, columns[-1] + 1])


def blank(shape: tuple[int, int], paper: int = 255) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.full(shape, paper, np.uint8), np.zeros((0, 4), np.float32), np.zeros(0, np.int64)


@pytest.mark.parametrize("size", [(300, 240), (600, 500), (200, 300)])
def test_the_box_encloses_the_pasted_ink(size: tuple[int, int]):
    pixels, boxes, labels = marked_page(size, (60, 50, 90, 140))
    for seed in SEEDS:
        page, found, kinds = paste(*blank(HOST), pixels, boxes[0], labels[0], np.random.default_rng(seed))
        assert page.shape == HOST
        assert page.dtype == np.uint8
        assert found.dtype == np.float32
        assert kinds.tolist() == [1]
        np.testing.assert_allclose(found[0] * np.tile(HOST, 2), ink_box(page), atol=1.6, err_msg=str(seed))


def test_objects_keep_their_size_up_to_a_third():
    pixels, boxes, labels = marked_page(HOST, (60, 50, 90, 140))
    heights = []
    for seed in SEEDS:
        _, found, _ = paste(*blank(HOST), pixels, boxes[0], labels[0], np.random.default_rng(seed))
        heights.append((found[0, 2] - found[0, 0]) * HOST[0])
    assert min(heights) >= 22
    assert max(heights) <= 40
    assert np.ptp(heights) > 6


def test_nothing_is_pasted_over_an_object():
    host, boxes, labels = marked_page(HOST, (100, 40, 160, 200))
    for seed in SEEDS:
        page, found, _ = paste(host, boxes, labels, host, boxes[0], labels[0], np.random.default_rng(seed))
        np.testing.assert_array_equal(page[100:160, 40:200], host[100:160, 40:200])
        if len(found) == 2:
            low, high = np.maximum(found[0, :2], found[1, :2]), np.minimum(found[0, 2:], found[1, 2:])
            assert (high <= low).any()
    assert (host == marked_page(HOST, (100, 40, 160, 200))[0]).all()


def test_an_object_without_a_place_is_left_out():
    host, boxes, labels = marked_page(HOST, (1, 1, 299, 239))
    page, found, kinds = paste(host, boxes, labels, host, boxes[0], labels[0], np.random.default_rng(1))
    assert page is host
    assert len(found) == len(kinds) == 1


def test_grey_paper_of_the_other_page_is_not_pasted():
    pixels, boxes, labels = marked_page(HOST, (60, 50, 90, 140))
    grey = np.where(pixels > 127, 180, 20).astype(np.uint8)
    box = boxes[0] + np.array([-0.03, -0.05, 0.03, 0.05], np.float32)
    page, _, _ = paste(*blank(HOST), grey, box, labels[0], np.random.default_rng(1))
    assert np.percentile(page, 97) == 255
    assert page.min() < 128


@pytest.mark.parametrize("host_paper", [0, 255])
@pytest.mark.parametrize("donor_paper", [0, 255])
def test_ink_keeps_the_polarity_of_its_new_page(host_paper: int, donor_paper: int):
    pixels, boxes, labels = marked_page(HOST, (60, 50, 90, 140))
    donor = pixels if donor_paper else 255 - pixels
    page, found, _ = paste(*blank(HOST, host_paper), donor, boxes[0], labels[0], np.random.default_rng(3))
    shown = page if host_paper else 255 - page
    np.testing.assert_allclose(found[0] * np.tile(HOST, 2), ink_box(shown), atol=1.6)


def test_a_share_of_pages_gets_one_to_three_objects():
    pages = page_set([marked_page(HOST, (60, 50, 80, 100)), marked_page(HOST)])
    counts = [len(with_pasted(pages, 1, 0.5, np.random.default_rng(seed))[2]) for seed in range(400)]
    assert set(counts) == {0, 1, 2, 3}
    assert 0.3 < np.mean([count > 0 for count in counts]) < 0.5  # half of the other pages have no object
    assert pages.objects(1)[1].size == 0


def test_without_pasting_no_random_number_is_drawn():
    pages, rng = page_set([marked_page(HOST, (60, 50, 80, 100))]), np.random.default_rng(1)
    page, boxes, labels = with_pasted(pages, 0, 0.0, rng)
    assert rng.random() == np.random.default_rng(1).random()
    np.testing.assert_array_equal(page, pages.page(0))
    assert len(boxes) == len(labels) == 1
