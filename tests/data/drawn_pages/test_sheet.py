import numpy as np
import pytest

from data.drawn_pages.sheet import Sheet, SIGNATURE


def test_text_is_on_its_baseline():
    sheet = Sheet(300, 100, 2.0)
    box = sheet.text(50, 60, "HELLO", sheet.face("DejaVuSans", 20))
    rows, columns = np.nonzero(sheet.ink > 128)
    assert rows.max() == pytest.approx(120, abs=2)
    assert columns.min() == pytest.approx(2 * box[0], abs=6)
    assert columns.max() == pytest.approx(2 * box[2], abs=6)
    assert rows.min() == pytest.approx(2 * box[1], abs=4)


@pytest.mark.parametrize(("align", "start"), [("left", 100), ("center", 50), ("right", 0)])
def test_text_is_aligned(align, start):
    sheet = Sheet(300, 50, 1.0)
    face = sheet.face("DejaVuSans", 12)
    text = "HH"
    while sheet.measure(text, face) < 100:
        text += "H"
    box = sheet.text(100, 30, text, face, align=align)
    assert box[0] == pytest.approx(100 - (100 - start) / 100 * sheet.measure(text, face), abs=1)


def test_paragraph_keeps_its_width_and_its_bottom():
    sheet = Sheet(300, 200, 2.0)
    face = sheet.face("STIXGeneral", 10)
    y = sheet.paragraph(40, 20, 200, "the quick brown fox jumps over " * 40, face, 12, justify=True, bottom=100)
    rows, columns = np.nonzero(sheet.ink > 128)
    assert columns.min() >= 2 * 38
    assert 2 * 236 < columns.max() <= 2 * 241  # justified
    assert 100 < y <= 112
    assert rows.max() < 2 * 105


def test_outline_of_a_mark_is_that_of_its_ink():
    sheet = Sheet(100, 100, 2.0)
    ink = np.zeros((40, 60), np.uint8)
    ink[10:20, 5:50] = 255
    sheet.mark(SIGNATURE, ink, 20, 30)
    low, high = sheet.marks[0].outline.min(0), sheet.marks[0].outline.max(0)
    assert low == pytest.approx((45.5, 70.5))
    assert high == pytest.approx((89.5, 79.5))
    assert (sheet.ink > 0).sum() == 450


def test_a_mark_takes_in_what_it_is_given():
    sheet = Sheet(100, 100, 2.0)
    sheet.mark(SIGNATURE, np.full((10, 10), 255, np.uint8), 20, 30, takes_in=((10, 40, 60, 50),))
    assert sheet.marks[0].outline.max(0) == pytest.approx((120, 100))
    assert sheet.marks[0].outline.min(0) == pytest.approx((20, 60.5))
    assert sheet.marks[0].ink.max(0) == pytest.approx((49.5, 69.5))
    assert sheet.marks[0].ink.min(0) == pytest.approx((40.5, 60.5))


def test_ink_outside_the_sheet_is_lost():
    sheet = Sheet(50, 50, 1.0)
    sheet.paste(np.full((20, 20), 255, np.uint8), -10, 40)
    sheet.paste(np.full((20, 20), 255, np.uint8), 90, 90)
    assert (sheet.ink > 0).sum() == 100


def test_redaction_hides_what_is_below():
    for style, darkness in (("black", 255), ("grey", 150), ("white", 0)):
        sheet = Sheet(100, 50, 2.0)
        sheet.text(10, 30, "SECRET", sheet.face("DejaVuSans", 12))
        sheet.redact((5, 15, 90, 35), style)
        assert (sheet.ink[34:66, 14:176] == darkness).all()
        assert len(sheet.marks) == 1
