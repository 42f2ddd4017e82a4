"""Pictures of pages with boxes."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.detector.drawing import COLOURS, draw_boxes, save_pages, TRUE_COLOUR


def drawn(*found: tuple[tuple[int, int, int, int], int], true: tuple = ()) -> np.ndarray:
    boxes = np.array([box for box, _ in found], np.float32).reshape(-1, 4)
    labels = np.array([label for _, label in found], np.int64)
    return draw_boxes(np.full((400, 300), 255, np.uint8), boxes, labels, np.full(len(found), 0.5, np.float32), true)


@pytest.mark.parametrize("label", [1, 2, 3, 4])
def test_a_found_box_is_drawn_in_its_classes_colour(label: int):
    picture = drawn(((100, 50, 200, 250), label))
    assert picture.shape == (400, 300, 3)
    for row, column in ((100, 150), (200, 150), (150, 50), (150, 250)):
        assert tuple(picture[row, column]) == COLOURS[label - 1]
    assert (picture[110:190, 60:240] == 255).all()
    assert (picture[230:] == 255).all()
    assert (picture[:90, :45] == 255).all()


def test_the_label_is_above_the_box_or_below_it():
    above, below = drawn(((100, 50, 200, 250), 1)), drawn(((2, 50, 102, 250), 1))
    assert (above[80:97, 50:250] < 255).any()
    assert (below[106:130, 50:250] < 255).any()
    np.testing.assert_array_equal(above[106:150, 60:240], np.full((44, 180, 3), 255))


def test_true_boxes_are_green():
    picture = drawn(true=[np.array([100, 50, 200, 250])])
    assert tuple(picture[100, 150]) == TRUE_COLOUR
    assert set(map(tuple, picture.reshape(-1, 3))) == {TRUE_COLOUR, (255, 255, 255)}


def test_the_page_itself_is_left_alone():
    page = np.zeros((50, 40), np.uint8)
    draw_boxes(page, np.array([[5, 5, 20, 20]]), np.array([1]), np.array([0.9]))
    assert not page.any()


def test_boxes_may_touch_and_leave_the_edges():
    picture = drawn(((0, 0, 400, 300), 1), ((-5, -5, 20, 310), 2))
    assert picture.shape == (400, 300, 3)
    assert tuple(picture[200, 0]) == COLOURS[0]


@pytest.mark.parametrize(("count", "columns", "size"), [(1, 3, (20, 30)), (3, 3, (20, 102)), (7, 3, (72, 102))])
def test_a_sheet_shows_every_page(tmp_path: Path, count: int, columns: int, size: tuple[int, int]):
    pages = [np.full((20, 30, 3), 10 * number, np.uint8) for number in range(count)]
    save_pages(tmp_path / "samples.png", pages, columns)
    with Image.open(tmp_path / "samples.png") as sheet:
        pixels = np.asarray(sheet)
    assert pixels.shape == (*size, 3)
    for number in range(count):
        assert (pixels == 10 * number).all(axis=2).sum() == 20 * 30
    assert [path.name for path in tmp_path.iterdir()] == ["samples.png"]
