"""Kinds of pages besides those of SignverOD, and pages that are photographed."""

import numpy as np
import pytest

from data.datasets.drawn_pages import KIND_NAMES
from data.drawn_pages import draw_page, Page
from data.drawn_pages.kinds import KINDS, USUAL
from data.drawn_pages.sheet import SIGNATURE

PAGES = 12


@pytest.fixture(scope="module", params=["certificate", "notice", "contract", "manuscript"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=[0.0, 1.0], ids=["scanned", "photographed"])
def pages(kind: str, request: pytest.FixtureRequest) -> list[Page]:
    return [draw_page(4, number, 0.0, {kind: 1.0}, request.param) for number in range(PAGES)]


def test_the_config_has_every_kind():
    assert tuple(KINDS) == KIND_NAMES
    assert set(USUAL) < set(KINDS)


def test_most_pages_are_signed_and_boxes_lie_inside(pages: list[Page]):
    signatures = [int((page.labels == SIGNATURE).sum()) for page in pages]
    assert np.mean([count > 0 for count in signatures]) > 0.4
    for page in pages:
        assert (page.boxes >= 0).all()
        assert (page.boxes <= 1).all()
        assert (page.boxes[:, 2:] > page.boxes[:, :2]).all()


def test_a_box_has_more_ink_than_the_paper_beside_it(pages: list[Page]):
    """Ink is darker than its own page, whatever the paper and the light."""
    darker = []
    for page in pages:
        for box in page.boxes[page.labels == SIGNATURE]:
            y0, x0, y1, x1 = (box * np.tile(page.pixels.shape, 2)).astype(int)
            inside = page.pixels[y0 : y1 + 1, x0 : x1 + 1].astype(float)
            darker.append(np.percentile(inside, 2) < np.percentile(inside, 80) - 25)
    assert np.mean(darker) > 0.9


def test_kinds_differ_and_the_usual_ones_stay_as_they_are(kind: str):
    usual, other = draw_page(4, 0), draw_page(4, 0, kinds={kind: 1.0})
    assert usual.pixels.shape != other.pixels.shape or (usual.pixels != other.pixels).any()
    again = draw_page(4, 0, kinds=dict(USUAL), photographed=0.0)
    np.testing.assert_array_equal(usual.pixels, again.pixels)
    np.testing.assert_array_equal(usual.boxes, again.boxes)


def test_a_photograph_is_grey_and_as_often_as_asked_for():
    grey = [
        len(np.unique(draw_page(5, number, kinds={"notice": 1.0}, photographed=0.5).pixels)) > 60
        for number in range(30)
    ]
    assert 0.3 < np.mean(grey) < 0.75
