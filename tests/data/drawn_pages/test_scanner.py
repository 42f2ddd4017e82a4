import numpy as np
import pytest

from data.drawn_pages.scanner import scan
from data.drawn_pages.sheet import Sheet, SIGNATURE


def test_boxes_follow_the_ink_through_the_scanner():
    ink = np.full((80, 260), 255, np.uint8)
    around = []
    for seed in range(20):
        sheet = Sheet(306, 396, 2.0)
        sheet.mark(SIGNATURE, ink, 150, 260)
        pixels, boxes, labels = scan(sheet, np.random.default_rng(seed), 0.0)
        assert labels.tolist() == [SIGNATURE]
        rows, columns = pixels.shape
        y0, x0, y1, x1 = np.round(boxes[0] * (rows, columns, rows, columns)).astype(int)
        dark = pixels < 160
        assert dark[y0:y1, x0:x1].mean() > 0.75
        inside = np.zeros_like(dark)
        inside[y0 - 2 : y1 + 3, x0 - 2 : x1 + 3] = True
        near = np.zeros_like(dark)
        near[y0 - 12 : y1 + 12, x0 - 12 : x1 + 12] = True
        around.append(dark[near & ~inside].mean())
    assert np.median(around) < 0.02  # specks and scratches alone
    assert max(around) < 0.3


def test_slack_widens_boxes():
    def box(slack: float) -> np.ndarray:
        sheet = Sheet(306, 396, 2.0)
        sheet.mark(SIGNATURE, np.full((80, 260), 255, np.uint8), 100, 200)
        return scan(sheet, np.random.default_rng(4), slack)[1][0]

    tight, loose = box(0.0), box(0.01)
    assert (loose[:2] < tight[:2]).all()
    assert (loose[2:] > tight[2:]).all()
    assert (np.abs(loose - tight) < 0.06).all()


def test_boxes_without_slack_enclose_the_ink_alone():
    def box(slack: float) -> np.ndarray:
        sheet = Sheet(306, 396, 2.0)
        sheet.mark(SIGNATURE, np.full((80, 260), 255, np.uint8), 100, 200, takes_in=((80, 245, 240, 290),))
        return scan(sheet, np.random.default_rng(4), slack)[1][0]

    tight, loose = box(0.0), box(1e-6)
    assert (loose[2] - loose[0]) / (tight[2] - tight[0]) == pytest.approx(180 / 80, rel=0.05)


def test_a_blank_sheet_has_no_boxes():
    pixels, boxes, labels = scan(Sheet(306, 396, 2.0), np.random.default_rng(0), 0.01)
    assert boxes.shape == (0, 4)
    assert labels.shape == (0,)
    assert pixels.shape == (792, 612)
