"""The tilt of pages, drawn and turned by a known angle."""

import cv2
import numpy as np
import pytest

from data.drawn_pages import draw_page
from data.pictures.tilt import tilt_of


def turned(page: np.ndarray, degrees: float, edge: int = 0) -> np.ndarray:
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(page, matrix, (width, height), borderValue=edge)


@pytest.fixture(scope="module")
def pages() -> list[np.ndarray]:
    """Letters and leases, nearly upright."""
    return [draw_page(5, number).pixels for number in (1, 2, 4, 7, 8)]


@pytest.mark.parametrize("degrees", [-14.0, -5.0, -2.0, 3.0, 8.5, 20.0])
def test_the_tilt_is_found(pages: list[np.ndarray], degrees: float):
    for page in pages:
        upright = tilt_of(page)
        assert abs(upright) < 1.5
        for shown in (page, 255 - page, np.rot90(page), cv2.resize(page, (640, 640), interpolation=cv2.INTER_AREA)):
            found = tilt_of(turned(np.ascontiguousarray(shown), degrees))
            assert abs(abs(found) - abs(degrees)) <= 1.5, (found, degrees)


@pytest.mark.parametrize("shape", [(40, 900), (8, 8), (700, 500)])
def test_a_page_without_lines_counts_as_upright(shape: tuple[int, int]):
    assert tilt_of(np.full(shape, 255, np.uint8)) == 0
    assert abs(tilt_of(np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8))) < 26
